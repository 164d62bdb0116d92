// SPDX-License-Identifier: Apache-2.0

extension ProgramModule {
    /// Checks that a program's parameter and result fit its section: the section alone decides which context the kernel
    /// passes.
    func checkContexts() throws(BPFCError) {
        var errors: [ProgramError] = []
        for function in module.functions {
            guard let section = function.section, let expected = ProgramSection(section).contextType,
                let signature = Signature(header: function.header)
            else { continue }
            func refuse(_ problem: String) {
                errors.append(
                    ProgramError(
                        function: debug.name(ofSubprogram: function.subprogram) ?? function.symbol,
                        location: debug.declaration(ofSubprogram: function.subprogram), problem: problem))
            }
            if let type = contextType(of: function), ProgramSection.contextTypes.contains(type), type != expected.name {
                refuse("takes a '\(type)', but the context of section '\(section)' is '\(expected.name)'")
            }
            if signature.result == "void" {
                refuse("returns nothing, but a program in section '\(section)' must return '\(expected.result)'")
            }
        }
        guard errors.isEmpty else { throw .programs(errors) }
    }

    /// The name of the type of a function's first parameter.
    private func contextType(of function: IRModule.Function) -> String? {
        let subprogram = reader.node(function.subprogram)
        let signature = reader.node(subprogram?.reference("type"))
        guard let types = reader.node(signature?.reference("types"))?.elements, types.count > 1 else { return nil }
        return reader.node(types[1])?.text("name")
    }
}
