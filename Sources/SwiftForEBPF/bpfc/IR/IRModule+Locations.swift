// SPDX-License-Identifier: Apache-2.0

import Foundation

extension IRModule {
    /// Removes the source lines of instructions. Functions keep their prototypes, which the kernel needs.
    mutating func dropLocations() {
        var next = (metadata.keys.max() ?? 0) + 1
        for index in functions.indices {
            guard let subprogram = functions[index].subprogram else { continue }
            // A call must have a location. LLVM writes no line information for line 0.
            metadata[next] = "!DILocation(line: 0, scope: !\(subprogram))"
            let header = functions[index].header
            let body = functions[index].text.dropFirst(header.count)
            functions[index].text =
                header
                + body.replacingOccurrences(
                    of: "!dbg ![0-9]+", with: "!dbg !\(next)", options: .regularExpression)
            next += 1
        }
    }

    /// Renames a function in all calls of it.
    mutating func renameInFunctions(_ symbol: String, to name: String) {
        for index in functions.indices {
            for form in ["@\(symbol)(", "@\"\(symbol)\"("] {
                functions[index].text = functions[index].text.replacingOccurrences(
                    of: form, with: "@\(quotedSymbol(name))(")
            }
        }
    }
}
