// SPDX-License-Identifier: Apache-2.0

import Foundation

extension IRModule {
    /// Removes what leads from instructions and functions to source lines.
    mutating func dropLocations() {
        for index in functions.indices {
            functions[index].text = functions[index].text.replacingOccurrences(
                of: #",? !dbg ![0-9]+"#, with: "", options: .regularExpression)
        }
    }

    /// Renames the calls of a function.
    mutating func renameInFunctions(_ symbol: String, to name: String) {
        for index in functions.indices {
            for form in ["@\(symbol)(", "@\"\(symbol)\"("] {
                functions[index].text = functions[index].text.replacingOccurrences(
                    of: form, with: "@\(quotedSymbol(name))(")
            }
        }
    }
}
