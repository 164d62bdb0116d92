// SPDX-License-Identifier: Apache-2.0

/// No function may call itself, directly or through others: the verifier follows each call to its end.
struct RecursionRule: Rule {
    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        var reported: Set<String> = []
        for function in program.functions where !reported.contains(function.symbol) {
            guard let cycle = RecursionRule.cycle(from: function, in: program) else { continue }
            reported.formUnion(cycle.map(\.function.symbol))
            // The chain in the source includes the functions that were inlined.
            var names: [String] = []
            for step in cycle { names += program.path(of: step.call, in: step.function) }
            names.append(names[0])
            let problem = "calls itself (\(names.joined(separator: " → "))); use a loop with a bound"
            findings += program.places(of: cycle[0].call, in: cycle[0].function).map {
                Finding(.recursion, $0, problem)
            }
        }
        return findings
    }

    typealias Step = (function: CheckedProgram.Function, call: Instruction)

    /// The functions that can't be inlined because they are part of a recursion.
    static func recursiveSymbols(in program: CheckedProgram) -> Set<String> {
        Set(program.functions.filter { cycle(from: $0, in: program) != nil }.map(\.symbol))
    }

    /// The shortest chain of calls from a function back to itself.
    private static func cycle(from start: CheckedProgram.Function, in program: CheckedProgram) -> [Step]? {
        var ways: [[Step]] = [[]]
        var pending = [start]
        var visited: Set<String> = []
        var next = 0
        while next < pending.count {
            let (function, way) = (pending[next], ways[next])
            next += 1
            for instruction in function.instructions {
                guard case .symbol(let callee)? = instruction.callee else { continue }
                let step = way + [(function, instruction)]
                if callee == start.symbol { return step }
                guard let target = program.function(callee), visited.insert(callee).inserted else { continue }
                pending.append(target)
                ways.append(step)
            }
        }
        return nil
    }
}
