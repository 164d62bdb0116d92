// SPDX-License-Identifier: Apache-2.0

import Glibc

/// This program's own file.
enum Executable {
    /// Its path, with links resolved; in the tests, that of the `baton-lab` beside them.
    static let path: String = {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : "/proc/self/exe"
        return path.hasSuffix(".xctest") ? "\(parent(of: path))/baton-lab" : path
    }()

    /// Its directory.
    static var directory: String { parent(of: path) }

    /// The file `relativePath` below the nearest directory above this program that has it; nil if none has.
    static func find(_ relativePath: String) -> String? {
        var directory = directory
        while true {
            let candidate = "\(directory)/\(relativePath)"
            if access(candidate, X_OK) == 0 { return candidate }
            if directory.isEmpty { return nil }
            directory = parent(of: directory)
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }
}
