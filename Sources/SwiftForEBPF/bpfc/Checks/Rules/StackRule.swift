// SPDX-License-Identifier: Apache-2.0

/// A program and the functions that it calls have 512 bytes of stack (`MAX_BPF_STACK`) and 8 frames
/// (`MAX_CALL_FRAMES`). The verifier rounds each frame up to 32 bytes.
struct StackRule {
    static let limit = 512
    static let unit = 32
    static let frames = 8

    func check(_ program: ObjectProgram, _ flow: RegisterFlow, _ places: ObjectPlaces) -> [Finding] {
        let depths = program.functions.indices.map { StackRule.depth(of: $0, in: program, flow) }
        let rounded = depths.map { max(($0 + StackRule.unit - 1) / StackRule.unit, 1) * StackRule.unit }
        var findings: [Finding] = []
        for (index, function) in program.functions.enumerated() where function.isProgram {
            let deepest = StackRule.chain(from: index, in: program) { rounded[$0] }
            let longest = StackRule.chain(from: index, in: program) { _ in 1 }
            let bytes = deepest.reduce(0) { $0 + rounded[$1] }
            if bytes > StackRule.limit, let largest = deepest.max(by: { rounded[$0] < rounded[$1] }) {
                let chain = deepest.map { "\(name($0, program, places)) \(rounded[$0])" }.joined(separator: " → ")
                findings.append(
                    Finding(
                        .stack, places.declaration(of: program.functions[largest]),
                        "needs \(bytes) bytes of stack, but only \(StackRule.limit) are available: \(chain); "
                            + "keep large values in a map"))
            }
            if longest.count > StackRule.frames {
                let chain = longest.map { name($0, program, places) }.joined(separator: " → ")
                findings.append(
                    Finding(
                        .stack, places.declaration(of: function),
                        "calls \(longest.count) functions deep, but at most \(StackRule.frames) are allowed: \(chain); "
                            + "mark some @inline(__always)"))
            }
        }
        return findings
    }

    private func name(_ index: Int, _ program: ObjectProgram, _ places: ObjectPlaces) -> String {
        places.declaration(of: program.functions[index]).function ?? program.functions[index].symbol
    }

    /// The size of a function's frame: how far it reaches below its frame pointer, in bytes.
    static func depth(of function: Int, in program: ObjectProgram, _ flow: RegisterFlow) -> Int {
        var depth = 0
        for (position, instruction) in program.functions[function].code.enumerated() {
            guard let instruction, let state = flow.states[function][position] else { continue }
            if case .frame(let offset?) = flow.address(function, position) {
                depth = max(depth, -(offset + instruction.offset))
            }
            for case .frame(let offset?) in state.registers { depth = max(depth, -offset) }
        }
        return depth
    }

    /// The chain of calls from a function whose sum of weights is largest.
    private static func chain(
        from function: Int, in program: ObjectProgram, weight: (Int) -> Int
    ) -> [Int] {
        var known: [Int: (chain: [Int], weight: Int)] = [:]
        func heaviest(_ index: Int, _ before: Set<Int>) -> (chain: [Int], weight: Int) {
            if let known = known[index] { return known }
            // RecursionRule refuses recursion.
            let callees = Set(program.functions[index].calls.map(\.callee)).subtracting(before).sorted()
            var best: (chain: [Int], weight: Int) = ([], 0)
            for callee in callees {
                let candidate = heaviest(callee, before.union([callee]))
                if candidate.weight > best.weight { best = candidate }
            }
            let result = ([index] + best.chain, best.weight + weight(index))
            known[index] = result
            return result
        }
        return heaviest(function, [function]).chain
    }
}
