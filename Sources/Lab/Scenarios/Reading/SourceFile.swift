// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Files and directories of scenarios.
enum SourceFile {
    /// Size that no scenario reaches (bytes).
    private static let limit = 1 << 20

    /// The whole text.
    static func read(_ path: String) throws(ScenarioError) -> String {
        guard let file = fopen(path, "re") else { throw unreadable(path, String(cString: strerror(errno))) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = fread(&bytes, 1, limit, file)
        guard ferror(file) == 0 else { throw unreadable(path, String(cString: strerror(errno))) }
        guard count < limit else { throw unreadable(path, "1 MiB or more") }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw unreadable(path, "it is not UTF-8")
        }
        return text
    }

    private static func unreadable(_ path: String, _ reason: String) -> ScenarioError {
        ScenarioError(
            file: path,
            problems: [.init(line: nil, key: nil, found: "can't be read: \(reason)", expected: "a scenario in YAML")])
    }

    /// The names in a directory, sorted.
    ///
    /// - Returns: nil if it can't be read; `errno` says why.
    static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }
}
