// SPDX-License-Identifier: Apache-2.0

/// Each access of the context goes through the context's own address, and to one field at its own width.
///
/// LLVM doesn't know: it merges neighbouring loads into a wider one, and loads of both branches of a condition into one from
/// a chosen address. The verifier refuses both. It is checked in the final instructions, for code generation merges too.
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
                        "\($0); the kernel wants each field by itself"
                    }
                } else {
                    problem =
                        "accesses the context at a computed address; the kernel wants constant offsets, so read each "
                        + "field into a constant before choosing"
                }
                if let problem {
                    findings.append(Finding(.context, places.place(of: position, in: function), problem))
                }
            }
        }
        return findings
    }
}
