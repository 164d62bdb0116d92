// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Tells a program's own sources from those of libraries. An error names a line of the former: the line of a library's
/// helper, which was inlined there, wouldn't help.
struct OwnSources {
    private let paths: Set<String>
    /// The one to name where an error has no place.
    let first: String?

    /// - Parameter sources: as given to the compiler. Without any, each Swift source is own but for BPFKernel's.
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
