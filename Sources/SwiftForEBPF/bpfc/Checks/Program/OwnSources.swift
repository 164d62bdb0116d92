// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The program's own sources, as opposed to those of libraries. An error names a line in these: the line of a library
/// function that was inlined wouldn't help.
struct OwnSources {
    private let paths: Set<String>
    /// The file that an error without a place names.
    let first: String?

    /// - Parameter sources: as given to the compiler. If empty, every Swift source counts except BPFKernel's.
    init(_ sources: [String] = []) {
        paths = Set(sources.map(OwnSources.absolute))
        first = sources.first
    }

    func contains(_ file: String) -> Bool {
        guard file.hasSuffix(".swift"), !file.hasPrefix("<") else { return false }
        if paths.isEmpty { return !file.split(separator: "/").contains("BPFKernel") }
        return paths.contains(OwnSources.absolute(file))
    }

    /// The form in which messages name a file.
    static func display(_ file: String) -> String { file.hasPrefix("./") ? String(file.dropFirst(2)) : file }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
