// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import bpfc

@Suite struct ContextLayoutTests {
    @Test("fields lie where the kernel's header says", arguments: ContextLayout.all.map(\.structure))
    func header(structure: String) throws {
        let layout = try #require(ContextLayout.all.first { $0.structure == structure })
        let header = try String(contentsOfFile: "/usr/include/linux/bpf.h", encoding: .utf8)
        let definition = try #require(header.components(separatedBy: "\nstruct \(structure) {\n").dropFirst().first)
            .components(separatedBy: "\n};")[0]
        var source = "#include <linux/bpf.h>\n#include <stddef.h>\n"
        for field in layout.fields {
            // Headers of an older kernel may lack the last ones.
            let base = field.name.prefix { $0 != "[" }
            guard definition.firstRange(of: try Regex("\\b\(base)\\b")) != nil else { continue }
            source += "_Static_assert(offsetof(struct \(structure), \(field.name)) == \(field.offset), \"\");\n"
            if !field.isFree {
                source += "_Static_assert(sizeof(((struct \(structure) *)0)->\(field.name)) == \(field.size), \"\");\n"
            }
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "layout-\(UUID().uuidString).c")
        try source.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try Machine.run(["clang", "-fsyntax-only", file.path])
        #expect(output.status == 0, "\(output.standardError)")
    }
}
