// SPDX-License-Identifier: Apache-2.0

/// An object needs a program and a license.
struct ContentsRule: Rule {
    func check(_ program: CheckedProgram) -> [Finding] {
        let programs = program.functions.filter { $0.section.map(IRModule.isProgramSection) ?? false }
        guard let first = programs.first else {
            let nowhere = CheckedProgram.Place(function: nil, file: program.sources.first, line: 1)
            let problem = #"no program: give a function a section, for instance @section("sockops")"#
            return [Finding(.contents, nowhere, problem)]
        }
        if program.module.globals.contains(where: { $0.section == "license" }) { return [] }
        var place = program.declaration(of: first)
        place.function = nil
        return [
            Finding(
                .contents, place,
                #"no license: add 'let license: StaticString = "GPL"', or another license that the kernel knows"#)
        ]
    }
}
