// SPDX-License-Identifier: Apache-2.0

/// For each instruction, which registers contain an address in the context or in the stack frame.
///
/// The context's address is tracked into the functions that it is passed to, and through the stack. Where two paths
/// meet with different values, the value is unknown; two addresses in the context become one without a constant offset.
struct RegisterFlow {
    enum Value: Equatable {
        case unknown
        /// The program's context plus a number of bytes; `nil` if that number differs between paths.
        case context(ContextLayout, offset: Int?)
        /// The end of the function's own frame plus a number of bytes, which is negative; `nil` if it differs between
        /// paths.
        case frame(offset: Int?)

        func joined(_ other: Value) -> Value {
            switch (self, other) {
            case _ where self == other: self
            case (.context(let a, _), .context(let b, _)) where a == b: .context(a, offset: nil)
            case (.frame, .frame): .frame(offset: nil)
            default: .unknown
            }
        }

        func moved(by bytes: Int?) -> Value {
            func sum(_ offset: Int?) -> Int? { offset.flatMap { offset in bytes.map { offset + $0 } } }
            return switch self {
            case .unknown: .unknown
            case .context(let layout, let offset): .context(layout, offset: sum(offset))
            case .frame(let offset): .frame(offset: sum(offset))
            }
        }
    }

    struct State: Equatable {
        var registers = [Value](repeating: .unknown, count: 10) + [.frame(offset: 0)]
        /// The value of the 8 bytes at an offset in the frame.
        var spills: [Int: Value] = [:]

        func joined(_ other: State) -> State {
            var result = State()
            for index in 0..<10 { result.registers[index] = registers[index].joined(other.registers[index]) }
            for (offset, value) in spills {
                if let own = other.spills[offset] { result.spills[offset] = value.joined(own) }
            }
            return result
        }
    }

    /// The state before each instruction, by function and position; `nil` if the instruction is unreachable.
    private(set) var states: [[State?]]
    private let program: ObjectProgram
    private var pending: [(function: Int, position: Int)] = []

    init(_ program: ObjectProgram) {
        self.program = program
        states = program.functions.map { Array(repeating: nil, count: $0.code.count) }
        for (index, function) in program.functions.enumerated() where function.isProgram {
            var entry = State()
            if let layout = ContextLayout.of(section: function.section) {
                entry.registers[1] = .context(layout, offset: 0)
            }
            reach(index, 0, entry)
        }
        while let next = pending.popLast() { step(next.function, next.position) }
    }

    /// The address of a memory access.
    func address(_ function: Int, _ position: Int) -> Value {
        guard let instruction = program.functions[function].code[position], let state = states[function][position],
            instruction.isMemoryAccess
        else { return .unknown }
        return state.registers[instruction.address]
    }

    private mutating func reach(_ function: Int, _ position: Int, _ state: State) {
        guard states[function].indices.contains(position) else { return }
        let joined = states[function][position]?.joined(state) ?? state
        guard joined != states[function][position] else { return }
        states[function][position] = joined
        pending.append((function, position))
    }

    private mutating func step(_ function: Int, _ position: Int) {
        guard let before = states[function][position], let instruction = program.functions[function].code[position]
        else { return }
        if let call = program.functions[function].calls.first(where: { $0.position == position }) {
            var entry = State()
            for register in 1...5 {
                // The caller's frame isn't the callee's.
                if case .context = before.registers[register], instruction.isCall {
                    entry.registers[register] = before.registers[register]
                }
            }
            reach(call.callee, 0, entry)
        }
        let after = RegisterFlow.after(instruction, before)
        if let jump = instruction.jump { reach(function, position + 1 + jump, after) }
        if !instruction.isUnconditional { reach(function, position + (instruction.isWide ? 2 : 1), after) }
    }

    private static func after(_ instruction: BPFInstruction, _ before: State) -> State {
        var state = before
        let old = before.registers
        switch instruction.kind {
        case .alu64, .alu32:
            var value = Value.unknown
            if instruction.isMove {
                value = old[instruction.source]
            } else if instruction.isAdd || instruction.isSubtract {
                let sign = instruction.isAdd ? 1 : -1
                value = old[instruction.destination].moved(
                    by: instruction.usesRegister ? nil : sign * instruction.immediate)
                if value == .unknown, instruction.isAdd, instruction.usesRegister {
                    value = old[instruction.source].moved(by: nil)
                }
            }
            state.registers[instruction.destination] = value
        case .ldx:
            var value = Value.unknown
            if instruction.width == 8, case .frame(let offset?) = old[instruction.source] {
                value = before.spills[offset + instruction.offset] ?? .unknown
            }
            state.registers[instruction.destination] = value
        case .ld:
            state.registers[instruction.isWide ? instruction.destination : 0] = .unknown
        case .st, .stx:
            guard case .frame(let offset?) = old[instruction.destination] else { break }
            let place = offset + instruction.offset
            for key in state.spills.keys where key < place + instruction.width && place < key + 8 {
                state.spills[key] = nil
            }
            if instruction.kind == .stx, instruction.width == 8, !instruction.isAtomic {
                state.spills[place] = old[instruction.source]
            }
        case .jmp, .jmp32: break
        }
        if instruction.isAtomic {
            state.registers[instruction.source] = .unknown
            state.registers[0] = .unknown
        }
        if instruction.isCall { for register in 0...5 { state.registers[register] = .unknown } }
        state.registers[10] = .frame(offset: 0)
        return state
    }
}
