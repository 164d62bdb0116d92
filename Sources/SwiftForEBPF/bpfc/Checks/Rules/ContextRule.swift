// SPDX-License-Identifier: Apache-2.0

/// A context access must use the context's own address plus a constant, and read or write one field at its own width.
///
/// LLVM doesn't know this rule. It merges neighbouring loads into a wider one, and the loads of both branches of a
/// condition into one load from a selected address. The verifier refuses both. The rule reads the final instructions,
/// because code generation merges loads too.
struct ContextRule {
    func check(_ program: ObjectProgram, _ flow: RegisterFlow, _ places: ObjectPlaces) -> [Finding] {
        var findings: [Finding] = []
        for (index, function) in program.functions.enumerated() {
            for (position, instruction) in function.code.enumerated() {
                guard let instruction, case .context(let layout, let offset) = flow.address(index, position) else {
                    continue
                }
                let problem: String?
                if offset == 0 {
                    problem = layout.problem(offset: instruction.offset, size: instruction.width).map {
                        "\($0); the verifier allows only one whole field per access"
                    }
                } else {
                    problem =
                        "accesses the context at a computed address, but the verifier allows only constant offsets; "
                        + "read each field into a constant before you choose between them"
                }
                if let problem {
                    findings.append(Finding(.context, places.place(of: position, in: function), problem))
                }
            }
        }
        return findings
    }
}
