// SPDX-License-Identifier: Apache-2.0

/// One eBPF instruction: 8 bytes, or 16 bytes for a 64-bit constant.
struct BPFInstruction {
    let opcode: UInt8
    let destination: Int
    let source: Int
    let offset: Int
    let immediate: Int

    init?(_ code: ArraySlice<UInt8>, at offset: Int) {
        guard let opcode = code.littleEndian(at: offset, 1), let registers = code.littleEndian(at: offset + 1, 1),
            let displacement = code.littleEndian(at: offset + 2, 2),
            let immediate = code.littleEndian(at: offset + 4, 4)
        else { return nil }
        self.opcode = UInt8(truncatingIfNeeded: opcode)
        destination = registers & 15
        source = registers >> 4
        self.offset = Int(Int16(truncatingIfNeeded: displacement))
        self.immediate = Int(Int32(truncatingIfNeeded: immediate))
    }

    enum Class: UInt8 { case ld, ldx, st, stx, alu32, jmp, jmp32, alu64 }
    var kind: Class { Class(rawValue: opcode & 7) ?? .ld }
    /// The operation of an arithmetic instruction or a jump.
    var operation: UInt8 { opcode & 0xf0 }
    var usesRegister: Bool { opcode & 8 != 0 }

    /// Whether it is `r1 = CONSTANT ll`, which takes two positions.
    var isWide: Bool { opcode == 0x18 }
    var isMove: Bool { kind == .alu64 && operation == 0xb0 && offset == 0 && usesRegister }
    var isAdd: Bool { kind == .alu64 && operation == 0 }
    var isSubtract: Bool { kind == .alu64 && operation == 0x10 }
    var isCall: Bool { opcode == 0x85 }
    var isCallOfHelper: Bool { isCall && source == 0 }
    var isExit: Bool { opcode == 0x95 }
    /// The number of bytes that a load or store moves.
    var width: Int { [4, 2, 1, 8][Int(opcode >> 3 & 3)] }
    /// Whether it accesses `*(uN *)(r + offset)`; legacy packet loads and loads of constants don't.
    var isMemoryAccess: Bool {
        switch kind {
        case .ldx, .st, .stx: [0x60, 0x80, 0xc0].contains(opcode & 0xe0)
        default: false
        }
    }
    var isAtomic: Bool { kind == .stx && opcode & 0xe0 == 0xc0 }
    var address: Int { kind == .ldx ? source : destination }

    /// The jump distance, in instructions counted from the next one; `nil` if it isn't a jump.
    var jump: Int? {
        guard kind == .jmp || kind == .jmp32, operation != 0x80, operation != 0x90 else { return nil }
        return kind == .jmp32 && operation == 0 ? immediate : offset  // gotol
    }
    /// Whether execution never continues at the next instruction.
    var isUnconditional: Bool { isExit || (jump != nil && operation == 0) }
}
