// SPDX-License-Identifier: Apache-2.0

/// Refuses what the kernel would refuse or what would misbehave there, with the Swift function, file and line.
///
/// It reads the module after `IRModule.keepReachable`, when the symbols and debug information are still Swift's.
/// `ObjectCheck` checks what only the generated code shows.
struct ProgramCheck {
    let program: CheckedProgram
    let target: ProgramModule.Target

    init(_ program: CheckedProgram, target: ProgramModule.Target) {
        self.program = program
        self.target = target
    }

    func run() throws(BPFCError) {
        let rules: [any Rule] = [
            ContentsRule(), NameRule(), RuntimeRule(), CallRule(), RecursionRule(), SignatureRule(),
            ArithmeticRule(cpu: target.cpu), AtomicRule(cpu: target.cpu), CopyRule(), TrapRule(),
            ByteOrderRule(isBigEndian: target.isBigEndian),
        ]
        let errors = Finding.report(rules.flatMap { $0.check(program) })
        guard errors.isEmpty else { throw .programs(errors) }
    }
}
