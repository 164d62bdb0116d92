# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of the programs in an eBPF object, and compares counts with recorded thresholds.

The counts are those of the object file, before libbpf and the verifier change it. They depend on the compiler alone, so
they are the same on each machine and need neither root nor a kernel with BPF.
"""
import dataclasses
import json
import pathlib
import struct

THRESHOLDS = pathlib.Path(__file__).resolve().parent / "thresholds.json"
# A program may have this many instructions more than recorded, whichever is more: a new compiler changes a few.
TOLERANCE_PERCENT, TOLERANCE_INSTRUCTIONS = 2, 2

SHF_EXECINSTR = 4
SHT_SYMTAB, SHT_REL = 2, 9
STB_LOCAL, STT_FUNC, STT_SECTION = 0, 2, 3
CALL, LOAD_CONSTANT = 0x85, 0x18  # BPF_JMP | BPF_CALL; BPF_LD | BPF_IMM | BPF_DW
PSEUDO_CALL = 1  # BPF_PSEUDO_CALL: the callee is in the object


@dataclasses.dataclass
class Symbol:
    name: str
    kind: int
    binding: int
    section: int
    value: int
    size: int


class ObjectFile:
    """The functions of an eBPF object (ELF64, little-endian, relocatable) and their calls."""

    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is not a little-endian ELF64 file")
        start, = struct.unpack_from("<Q", self.data, 40)
        size, count, names = struct.unpack_from("<3H", self.data, 58)
        # name, type, flags, address, offset, size, link, info, alignment, entry size
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, start + index * size) for index in range(count)]
        self.names = [self.text(names, section[0]) for section in self.sections]
        self.symbols = list(self.read_symbols())
        self.relocations = dict(self.read_relocations())

    def text(self, section, offset):
        begin = self.sections[section][4] + offset
        return self.data[begin:self.data.index(0, begin)].decode()

    def read_symbols(self):
        for section in self.sections:
            if section[1] == SHT_SYMTAB:
                for at in range(section[4], section[4] + section[5], 24):
                    name, info, _, index, value, size = struct.unpack_from("<IBBHQQ", self.data, at)
                    yield Symbol(self.text(section[6], name), info & 15, info >> 4, index, value, size)

    def read_relocations(self):
        """The symbol's number for each section and offset."""
        for section in self.sections:
            if section[1] == SHT_REL:
                for at in range(section[4], section[4] + section[5], 16):
                    offset, info = struct.unpack_from("<QQ", self.data, at)
                    yield (section[7], offset), info >> 32

    def is_code(self, section):
        return section < len(self.sections) and bool(self.sections[section][2] & SHF_EXECINSTR)

    def functions(self):
        """The functions by section and offset."""
        return {(s.section, s.value): s for s in self.symbols if s.kind == STT_FUNC and self.is_code(s.section)}

    def callees(self, function):
        """Section and offset of each function in the object that a function calls or takes the address of."""
        for offset in range(function.value, function.value + function.size, 8):
            code, registers, _, immediate = struct.unpack_from(
                "<BBhi", self.data, self.sections[function.section][4] + offset)
            if code not in (CALL, LOAD_CONSTANT):
                continue
            number = self.relocations.get((function.section, offset))
            if number is not None:
                symbol = self.symbols[number]
                if self.is_code(symbol.section):
                    # If the symbol is a section, the instruction has the offset in it.
                    inside = (immediate + 1) * 8 if code == CALL else immediate
                    yield symbol.section, symbol.value + (inside if symbol.kind == STT_SECTION else 0)
            elif code == CALL and registers >> 4 == PSEUDO_CALL:
                yield function.section, offset + (immediate + 1) * 8


def count(path):
    """The number of instructions of each program in an object, including all functions that it calls.

    A load of a 64-bit constant counts as two, as in the kernel (`struct bpf_insn`).
    """
    object_file = ObjectFile(path)
    functions = object_file.functions()

    def total(program):
        reached, pending = set(), [program]
        while pending:
            place = pending.pop()
            if place in functions and place not in reached:
                reached.add(place)
                pending += object_file.callees(functions[place])
        return sum(functions[place].size for place in reached) // 8

    return {
        symbol.name: total(place) for place, symbol in sorted(functions.items(), key=lambda item: item[1].name)
        if symbol.binding != STB_LOCAL and object_file.names[symbol.section] != ".text"}


# Thresholds


@dataclasses.dataclass
class Comparison:
    """One measured number, the recorded one, and the largest that passes."""
    what: str
    measured: float
    recorded: float | None
    threshold: float

    @property
    def is_exceeded(self):
        return self.recorded is None or self.measured > self.threshold

    @property
    def is_lower(self):
        return self.recorded is not None and self.measured < self.recorded

    def __str__(self):
        if self.recorded is None:
            return f"{self.what}: {self.measured}, but no threshold is recorded"
        if self.is_exceeded:
            return f"{self.what}: {self.measured}, but the threshold is {self.threshold} ({self.recorded} recorded)"
        return f"{self.what}: {self.measured}, less than the {self.recorded} recorded"


def slack(instructions):
    return max(TOLERANCE_INSTRUCTIONS, instructions * TOLERANCE_PERCENT // 100)


def pair(swift, c):
    return {"swift": swift, "c": c, "ratio": round(swift / c, 3)}


def compare(measured, recorded):
    """Returns comparisons of all programs, and the names of recorded programs that don't exist any more.

    Both arguments: {"pairs": {program: {"swift", "c", "ratio"}}, "programs": {object: {program: instructions}}}.
    """
    comparisons, gone = [], []

    def compare_counts(labels, counts, known):
        for program, number in counts.items():
            old = known.get(program)
            threshold = number if old is None else old + slack(old)
            comparisons.append(Comparison(f"instructions of {labels.format(program)}", number, old, threshold))
        gone.extend(labels.format(program) for program in known if program not in counts)

    for language, label in (("swift", "{} in Swift"), ("c", "{} in C")):
        compare_counts(
            label, {name: both[language] for name, both in measured["pairs"].items()},
            {name: both[language] for name, both in recorded["pairs"].items()})
    for name, both in measured["pairs"].items():
        old = recorded["pairs"].get(name)
        if old is not None:
            # The same number of instructions more, relative to C.
            threshold = round(old["ratio"] + slack(both["c"]) / both["c"], 3)
            comparisons.append(
                Comparison(f"ratio of {name} in Swift to C", both["ratio"], old["ratio"], threshold))
    for name in sorted(measured["programs"].keys() | recorded["programs"].keys()):
        compare_counts(f"{name}'s {{}}", measured["programs"].get(name, {}), recorded["programs"].get(name, {}))
    return comparisons, gone


def read_thresholds():
    try:
        return json.loads(THRESHOLDS.read_text())
    except FileNotFoundError:
        return {"pairs": {}, "programs": {}}


def write_thresholds(measured, compiler):
    """Writes one line for each program, so that the diff shows which ones changed."""
    def lines(items):
        return ",\n".join(f"      {json.dumps(name)}: {json.dumps(value)}" for name, value in items)

    programs = ",\n".join(
        f"    {json.dumps(name)}: {{\n{lines(sorted(counts.items()))}\n    }}"
        for name, counts in sorted(measured["programs"].items()))
    pairs = lines(sorted(measured["pairs"].items())).replace("      ", "    ")
    THRESHOLDS.write_text(
        f'{{\n  "schema": 1,\n  "compiler": {json.dumps(compiler)},\n  "pairs": {{\n{pairs}\n  }},\n'
        f'  "programs": {{\n{programs}\n  }}\n}}\n')
