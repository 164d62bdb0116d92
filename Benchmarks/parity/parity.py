#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares programs in Swift with the same programs in C: instructions after the verifier, and time per call.

Both are compiled here for the same instruction set at the same level of optimisation, C by the clang that bpfc uses.
Both run in a network namespace and a cgroup of this process. They take turns, so that other load on the machine affects
both.

    Benchmarks/parity/parity.py [--rounds 9] [--bpfc .build/release/bpfc] [--json]
    Benchmarks/parity/parity.py --check [--update] [--baton Baton.bpf.o] [--json]

The first form needs root. The second one only counts the instructions in the compiled objects, also in Baton's, and
compares them with thresholds.json. It needs neither root nor a kernel with BPF.

Both need bpfc (swift build -c release --product bpfc) and libbpf's headers; the second one also needs Baton's object
(swift build -c release --target Baton). README.md explains what is measured, and how. Leaves nothing behind.
"""
import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

import instructions

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXAMPLES = ROOT / "Examples"
BATON_OBJECTS = ".build/plugins/outputs/*/Baton/destination/BPFObject/Baton.bpf.o"
# The name of the Swift object, its source, and the source of the same in C.
SOURCES = (
    ("Resume", HERE / "SwiftKernel/Resume.swift", HERE / "CKernel/resume.c"),
    (
        "SwiftReno", EXAMPLES / "congestion-control/Sources/SwiftRenoKernel/SwiftReno.swift",
        HERE / "CKernel/swift_reno.c",
    ),
    (
        "DropByPrefix", EXAMPLES / "drop-by-prefix/Sources/DropByPrefixKernel/DropByPrefix.swift",
        HERE / "CKernel/drop.c",
    ),
)
LANGUAGES = ("Swift", "C")


def turns(rounds):
    """Both languages in each round, in alternating order."""
    return [language for number in range(rounds) for language in LANGUAGES[:: 1 if number % 2 == 0 else -1]]


# Objects


def compile_all(bpfc):
    """Compiles all programs; returns the object files by name and language."""
    directory = ROOT / ".build/parity"
    directory.mkdir(parents=True, exist_ok=True)
    swiftc = shutil.which("swiftc") or sys.exit("no 'swiftc' in PATH")
    clang = pathlib.Path(swiftc).resolve().parent / "clang"
    # <linux/bpf.h> includes <asm/types.h>.
    headers = [f"-I{path.parent.parent}" for path in pathlib.Path("/usr/include").glob("*/asm/types.h")]
    objects = {}
    for name, swift, c in SOURCES:
        for language, command in (
            ("Swift", [
                bpfc, "--name", name, "--work", directory, "--library", ROOT / "Sources/SwiftForEBPF", swift, "--object"
            ]),
            ("C", [clang, "-target", "bpfel", "-mcpu=v3", "-O2", "-g", "-Wall", *headers, "-c", c, "-o"]),
        ):
            file = objects[name, language] = directory / f"{name}-{language}.o"
            subprocess.run([*command, file], check=True, cwd=ROOT)
    return objects


class ProgramInformation(ctypes.Structure):
    """struct bpf_prog_info."""
    _fields_ = [
        ("type", ctypes.c_uint32), ("id", ctypes.c_uint32), ("tag", ctypes.c_uint8 * 8),
        ("jited_prog_len", ctypes.c_uint32), ("xlated_prog_len", ctypes.c_uint32),
        ("instructions", ctypes.c_uint64 * 2), ("load_time", ctypes.c_uint64),
        ("created_by_uid", ctypes.c_uint32), ("nr_map_ids", ctypes.c_uint32),
        ("map_ids", ctypes.c_uint64), ("name", ctypes.c_char * 16), ("ifindex", ctypes.c_uint32),
        ("gpl_compatible", ctypes.c_uint32), ("netns", ctypes.c_uint64 * 2), ("symbols", ctypes.c_uint64 * 3),
        ("btf", ctypes.c_uint64 * 7), ("prog_tags", ctypes.c_uint64), ("run_time_ns", ctypes.c_uint64),
        ("run_cnt", ctypes.c_uint64)]


class TestRun(ctypes.Structure):
    """struct bpf_test_run_opts."""
    _fields_ = [
        ("sz", ctypes.c_size_t), ("data_in", ctypes.c_char_p), ("data_out", ctypes.c_void_p),
        ("data_size_in", ctypes.c_uint32), ("data_size_out", ctypes.c_uint32), ("ctx_in", ctypes.c_void_p),
        ("ctx_out", ctypes.c_void_p), ("ctx_size_in", ctypes.c_uint32), ("ctx_size_out", ctypes.c_uint32),
        ("retval", ctypes.c_uint32), ("repeat", ctypes.c_int32), ("duration", ctypes.c_uint32),
        ("flags", ctypes.c_uint32), ("cpu", ctypes.c_uint32), ("batch_size", ctypes.c_uint32)]


class Libbpf:
    """Calls functions of libbpf; each raises OSError if libbpf returns an error."""
    POINTERS = {
        "bpf_object__open_file", "bpf_object__find_program_by_name", "bpf_object__find_map_by_name",
        "bpf_program__attach_cgroup", "bpf_map__attach_struct_ops", "ring_buffer__new"}

    def __init__(self):
        try:
            self.library = ctypes.CDLL("libbpf.so.1", use_errno=True)
        except OSError:
            sys.exit("parity: libbpf 1.x is missing; install the package libbpf1")

    def __getattr__(self, name):
        function = getattr(self.library, name)
        if name in self.POINTERS:
            function.restype = ctypes.c_void_p

        def call(*arguments):
            result = function(*(ctypes.c_void_p(a) if isinstance(a, int) and a > 0x7FFFFFFF else a for a in arguments))
            if result is None or name not in self.POINTERS and result < 0:
                error = ctypes.get_errno()
                raise OSError(error, f"{name}: {os.strerror(error)}")
            return result
        return call


class Object:
    """A loaded object."""

    def __init__(self, libbpf, file):
        self.libbpf = libbpf
        self.handle = libbpf.bpf_object__open_file(os.fsencode(file), None)
        try:
            libbpf.bpf_object__load(self.handle)
        except OSError:
            self.close()
            raise

    def close(self):
        self.libbpf.library.bpf_object__close(ctypes.c_void_p(self.handle))

    def program(self, name):
        return self.libbpf.bpf_object__find_program_by_name(self.handle, name.encode())

    def program_descriptor(self, name):
        return self.libbpf.bpf_program__fd(self.program(name))

    def map(self, name):
        return self.libbpf.bpf_object__find_map_by_name(self.handle, name.encode())

    def map_descriptor(self, name):
        return self.libbpf.bpf_map__fd(self.map(name))

    def update(self, name, key, value):
        self.libbpf.bpf_map_update_elem(self.map_descriptor(name), key, value, ctypes.c_uint64(0))

    def information(self, name):
        information = ProgramInformation()
        length = ctypes.c_uint32(ctypes.sizeof(information))
        self.libbpf.bpf_obj_get_info_by_fd(
            self.program_descriptor(name), ctypes.byref(information), ctypes.byref(length))
        return information


@contextlib.contextmanager
def link(libbpf, handle):
    try:
        yield
    finally:
        libbpf.library.bpf_link__destroy(ctypes.c_void_p(handle))


# Measuring


class Counts:
    """The increase of the kernel's counts of time and calls of some programs."""

    def __init__(self, loaded, names):
        self.loaded, self.names = loaded, names
        self.before = self.read()

    def read(self):
        return {name: (i.run_time_ns, i.run_cnt) for name in self.names for i in (self.loaded.information(name),)}

    def since(self):
        """Nanoseconds and calls since this object was made, by program."""
        return {
            name: (time_spent - self.before[name][0], calls - self.before[name][1])
            for name, (time_spent, calls) in self.read().items()}


class OwnNetwork:
    """A network namespace with only a loopback interface, and an empty cgroup. Both are removed with this process."""

    def __init__(self, stack):
        if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:  # CLONE_NEWNET
            sys.exit(f"parity: unshare(CLONE_NEWNET): {os.strerror(ctypes.get_errno())}")
        subprocess.run(["ip", "link", "set", "lo", "mtu", "1500", "up"], check=True)
        mounts = (line.split() for line in pathlib.Path("/proc/mounts").read_text().splitlines())
        root = next((pathlib.Path(m[1]) for m in mounts if m[2] == "cgroup2"), None)
        if root is None:
            sys.exit("parity: no cgroup2 is mounted; mount -t cgroup2 none /sys/fs/cgroup")
        own = next(line[3:] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines() if line[:3] == "0::")
        self.outside = root / own.lstrip("/")
        self.cgroup = root / f"baton-parity-{os.getpid()}"
        self.cgroup.mkdir()
        stack.callback(self.cgroup.rmdir)
        stack.callback(self.leave)

    def enter(self):
        (self.cgroup / "cgroup.procs").write_text("0")

    def leave(self):
        (self.outside / "cgroup.procs").write_text("0")


def measure_drop(libbpf, loaded, rounds, repeat=2_000_000):
    """Runs the program by BPF_PROG_TEST_RUN on a packet that it drops. In CPU time, so other processes don't count."""
    packet = bytes(12) + struct.pack("!HBBHHHBBH4s4s", 0x0800, 0x45, 0, 50, 0, 0, 64, 17, 0,
                                     bytes([192, 0, 2, 1]), bytes([198, 51, 100, 1])) + bytes(30)
    samples = {language: {"drop": []} for language in LANGUAGES}
    for language in LANGUAGES:
        loaded[language].update("blocked", struct.pack("=I4s", 24, bytes([192, 0, 2, 0])), struct.pack("=Q", 0))
    for language in turns(rounds):
        run = TestRun(sz=ctypes.sizeof(TestRun), data_in=packet, data_size_in=len(packet), repeat=repeat)
        begin = time.thread_time_ns()
        libbpf.bpf_prog_test_run_opts(loaded[language].program_descriptor("drop"), ctypes.byref(run))
        samples[language]["drop"].append((time.thread_time_ns() - begin, repeat))
        if run.retval != 1:
            raise RuntimeError(f"drop in {language} returned {run.retval}, not XDP_DROP")
    return samples


def measure_resume(libbpf, loaded, rounds, network, connections=2000):
    """Opens connections over loopback to a listener in the cgroup. Each finds its peer's record and resumes."""
    consumer = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)(lambda *_: 0)
    peer = socket.inet_pton(socket.AF_INET6, "::ffff:127.0.0.1")
    record = struct.pack("=QQQQ", 400_000, time.monotonic_ns(), 3600 * 10**9, 1)
    samples = {language: {"resume": []} for language in LANGUAGES}
    directory = os.open(network.cgroup, os.O_RDONLY)
    try:
        network.enter()
        listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        network.leave()
        for language in turns(rounds):
            item = loaded[language]
            item.update("saved", peer, record)
            resumed = total(libbpf, item, 4)
            with link(libbpf, libbpf.bpf_program__attach_cgroup(item.program("resume"), directory)):
                counts = Counts(item, ["resume"])
                for _ in range(connections):
                    client = socket.create_connection(listener.getsockname())
                    listener.accept()[0].close()
                    # Closing sends a RST, so that no port stays in TIME_WAIT.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
                samples[language]["resume"].append(counts.since()["resume"])
            if total(libbpf, item, 4) - resumed != connections:
                raise RuntimeError(f"resume in {language} did not resume each connection")
            ring = libbpf.ring_buffer__new(item.map_descriptor("events"), consumer, None, None)
            received = libbpf.ring_buffer__consume(ring)
            libbpf.library.ring_buffer__free(ctypes.c_void_p(ring))
            if received != connections:
                raise RuntimeError(f"resume in {language} reported {received} connections, not {connections}")
    finally:
        os.close(directory)
    return samples


def total(libbpf, loaded, index):
    """The sum of a counter over all CPUs."""
    cpus = int(pathlib.Path("/sys/devices/system/cpu/possible").read_text().strip().split("-")[-1]) + 1
    values = (ctypes.c_uint64 * cpus)()
    libbpf.bpf_map_lookup_elem(loaded.map_descriptor("counters"), struct.pack("=I", index), values)
    return sum(values)


def measure_congestion_control(libbpf, loaded, rounds, megabytes=16, repetitions=3):
    """Transfers data over a shaped loopback interface whose short queue drops packets, and pauses the path, after which
    TCP detects spurious retransmissions and undoes the window reduction.

    The rare functions are measured only in the pauses, where many connections call them in a row. In a transfer they
    are called so rarely that their time depends mostly on the processor's caches.
    """
    names = {"Swift": "swift_reno", "C": "c_reno"}
    often, rare = ["congAvoid"], ["ssthresh", "undoCwnd"]
    samples = {language: {function: [] for function in often + rare} for language in LANGUAGES}

    def shape(verb, rate, queue):
        subprocess.run(["tc", "qdisc", verb, "dev", "lo", "root", "tbf", "rate", rate, "burst", "8kb", "limit", queue],
                       check=True)

    shape("add", "400mbit", "24kb")
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with contextlib.ExitStack() as stack:
        for language in LANGUAGES:
            stack.enter_context(link(libbpf, libbpf.bpf_map__attach_struct_ops(loaded[language].map(names[language]))))
        for language in turns(rounds * repetitions):
            counts = Counts(loaded[language], often)
            transfer(listener, names[language], megabytes << 20)
            measured = counts.since()
            counts = Counts(loaded[language], rare)
            pause(listener, names[language], shape)
            for function, sample in (measured | counts.since()).items():
                samples[language][function].append(sample)
    return samples


def connect(listener, congestion_control):
    client = socket.socket()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion_control.encode())
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.connect(listener.getsockname())
    return client, listener.accept()[0]


def read_all(server):
    buffer = bytearray(1 << 18)
    while server.recv_into(buffer):
        pass


def transfer(listener, congestion_control, size):
    client, server = connect(listener, congestion_control)
    reader = threading.Thread(target=read_all, args=[server])
    reader.start()
    with client:
        client.sendall(bytes(size))
    reader.join()
    server.close()


def pause(listener, congestion_control, shape, connections=48):
    """While the path is paused, the timer retransmits what was sent. Afterwards both copies arrive."""
    pairs = [connect(listener, congestion_control) for _ in range(connections)]
    shape("change", "400kbit", "2mb")
    for client, _ in pairs:
        client.sendall(bytes(3000))
    time.sleep(0.35)
    shape("change", "400mbit", "2mb")
    for _, server in pairs:
        server.recv(3000, socket.MSG_WAITALL)
    shape("change", "400mbit", "24kb")
    for pair in pairs:
        for end in pair:
            end.close()


# The table


def row(loaded, samples, name):
    """The result for one program in both languages."""
    result = {"program": name}
    for language in LANGUAGES:
        information = loaded[language].information(name)
        calls = samples[language][name]
        result[language.lower()] = {
            "instructions": information.xlated_prog_len // 8, "jited_bytes": information.jited_prog_len,
            "ns_per_call": [round(ns / count, 2) for ns, count in calls if count], "calls": sum(c for _, c in calls)}
    swift, c = result["swift"], result["c"]
    # The tag is the kernel's hash of the instructions before the verifier changes them.
    result["identical"] = bytes(loaded["Swift"].information(name).tag) == bytes(loaded["C"].information(name).tag)
    result["instructions_ratio"] = round(swift["instructions"] / c["instructions"], 3)
    ratios = [s / o for s, o in zip(swift["ns_per_call"], c["ns_per_call"])]
    if ratios:
        result["ns_ratio"] = round(statistics.median(swift["ns_per_call"]) / statistics.median(c["ns_per_call"]), 3)
        result["ns_ratio_of_rounds"] = [round(min(ratios), 3), round(max(ratios), 3)]
    return result


def explain(result):
    """Explains each ratio above 1.00 in a line."""
    name = result["program"]
    if result["instructions_ratio"] > 1:
        yield f"{name}: more instructions than C; README.md explains it"
    if round(result.get("ns_ratio", 0), 2) > 1:
        low, high = result["ns_ratio_of_rounds"]
        if result["identical"]:
            verdict = "the programs are identical, so this is the error of the measurement"
        elif low <= 1:
            verdict = "this run shows no difference"
        else:
            verdict = "slower in each round"
        yield f"{name}: {result['ns_ratio']:.2f} × C's time, {low:.2f} … {high:.2f} in single rounds: {verdict}"


def table(results, rounds):
    def number(value, form):
        return format(value, form) if value is not None else "-"

    print(f"{'':11}  {'instructions':^20}  {'bytes of machine code':^22}  {'ns per call':^24}")
    print(f"{'program':11}  {'Swift':>5}  {'C':>5}  {'ratio':>6}  {'Swift':>6}  {'C':>6}  {'ratio':>6}"
          f"  {'Swift':>7}  {'C':>7}  {'ratio':>6}")
    for result in results:
        swift, c = result["swift"], result["c"]
        times = [statistics.median(side["ns_per_call"]) if side["ns_per_call"] else None for side in (swift, c)]
        print(f"{result['program']:11}  {swift['instructions']:5}  {c['instructions']:5}"
              f"  {result['instructions_ratio']:6.2f}  {swift['jited_bytes']:6}  {c['jited_bytes']:6}"
              f"  {swift['jited_bytes'] / c['jited_bytes']:6.2f}"
              f"  {number(times[0], '7.1f'):>7}  {number(times[1], '7.1f'):>7}"
              f"  {number(result.get('ns_ratio'), '6.2f'):>6}")
    print(f"Instructions: after the verifier. Times: medians of {rounds} rounds; except for 'drop', they include"
          " reading the kernel's clock.")
    identical = [result["program"] for result in results if result["identical"]]
    if identical:
        print(f"Identical to C, instruction by instruction: {', '.join(identical)}.")
    for line in (line for result in results for line in explain(result)):
        print(line)


# Thresholds


def count_all(bpfc, baton):
    """Counts the instructions in the objects, those of each pair of programs and those of Baton."""
    objects = compile_all(bpfc)
    pairs = {}
    for name in dict.fromkeys(name for name, _ in objects):
        swift, c = (instructions.count(objects[name, language]) for language in LANGUAGES)
        if swift.keys() != c.keys():
            sys.exit(f"parity: {name} has the programs {', '.join(swift)} in Swift, but {', '.join(c)} in C")
        pairs |= {program: instructions.pair(swift[program], c[program]) for program in swift}
    return {"pairs": pairs, "programs": {"Baton": instructions.count(baton)}}


def find_baton():
    # A folder in this path has the name of the repository's folder. If that was renamed, the newest object is current.
    found = sorted(ROOT.glob(BATON_OBJECTS), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def print_counts(measured):
    print(f"{'program':20}  {'Swift':>6}  {'C':>6}  {'ratio':>6}")
    for name, both in measured["pairs"].items():
        print(f"{name:20}  {both['swift']:6}  {both['c']:6}  {both['ratio']:6.2f}")
    for program, number in measured["programs"]["Baton"].items():
        print(f"{program:20}  {number:6}")


def check(options):
    """Compares the instructions in the objects with thresholds.json, or updates that file."""
    baton = options.baton or find_baton()
    if baton is None or not baton.exists():
        sys.exit(f"parity: no {baton or BATON_OBJECTS}; build it with: swift build -c release --target Baton")
    measured = count_all(options.bpfc.resolve(), baton)
    comparisons, gone = instructions.compare(measured, instructions.read_thresholds())
    exceeded = [str(each) for each in comparisons if each.is_exceeded]
    lower = [str(each) for each in comparisons if each.is_lower]
    if options.json:
        print(json.dumps({"schema": 1, **measured, "exceeded": exceeded, "lower": lower, "gone": gone}))
    else:
        print_counts(measured)
    if options.update:
        version = subprocess.run(["swiftc", "--version"], capture_output=True, text=True, check=True).stdout
        instructions.write_thresholds(measured, version.splitlines()[0])
        print(f"parity: wrote {instructions.THRESHOLDS.relative_to(ROOT)}; commit it", file=sys.stderr)
        return
    for line in lower:
        print(f"parity: {line}", file=sys.stderr)
    for line in exceeded:
        print(f"parity: FAILED: {line}", file=sys.stderr)
    for name in gone:
        print(f"parity: FAILED: a threshold is recorded for {name}, but this program doesn't exist", file=sys.stderr)
    if exceeded or gone:
        sys.exit("parity: if this change is intended, record it with 'make parity CHECK=1 ARGS=--update', and commit "
                 f"{instructions.THRESHOLDS.relative_to(ROOT)}")
    if lower:
        print("parity: to keep the lower numbers, record them with 'make parity CHECK=1 ARGS=--update'",
              file=sys.stderr)
    print("parity: all counts are within their thresholds", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds for each program and language (9)")
    parser.add_argument("--bpfc", type=pathlib.Path, default=ROOT / ".build/release/bpfc")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--check", action="store_true", help="only count, and compare with thresholds.json")
    parser.add_argument("--update", action="store_true", help="with --check: write the counts to thresholds.json")
    parser.add_argument("--baton", type=pathlib.Path, help="with --check: Baton's object (the newest in .build)")
    options = parser.parse_args()
    if options.update and not options.check:
        parser.error("--update needs --check")
    if not options.bpfc.exists():
        sys.exit(f"parity: no {options.bpfc}; build it with: swift build -c release --product bpfc")
    if options.check:
        check(options)
        return
    if os.geteuid() != 0:
        sys.exit("parity: needs root, because it loads programs into the kernel; --check doesn't")
    # Like ^C: everything is removed on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))

    objects = compile_all(options.bpfc.resolve())
    libbpf = Libbpf()
    with contextlib.ExitStack() as stack:
        loaded = {}
        for (name, language), file in objects.items():
            loaded.setdefault(name, {})[language] = Object(libbpf, file)
            stack.callback(loaded[name][language].close)
        network = OwnNetwork(stack)
        drop = measure_drop(libbpf, loaded["DropByPrefix"], options.rounds)
        # The kernel counts time and calls while this descriptor is open.
        stack.callback(os.close, libbpf.bpf_enable_stats(0))
        resume = measure_resume(libbpf, loaded["Resume"], options.rounds, network)
        reno = measure_congestion_control(libbpf, loaded["SwiftReno"], options.rounds)
        results = [row(loaded["Resume"], resume, "resume")]
        results += [row(loaded["SwiftReno"], reno, function) for function in reno["C"]]
        results.append(row(loaded["DropByPrefix"], drop, "drop"))
    if options.json:
        print(json.dumps({"schema": 1, "rounds": options.rounds, "programs": results}))
    else:
        table(results, options.rounds)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
