// SPDX-License-Identifier: Apache-2.0

/// Paths as a page names what lies beside it.
package enum RelativePath {
    /// The way from a directory to a file or directory; both absolute, nothing is looked up.
    ///
    /// - Returns: `.` if they are the same.
    package static func path(from directory: String, to target: String) -> String {
        let (start, end) = (components(directory), components(target))
        let common = zip(start, end).prefix { $0 == $1 }.count
        let way = Array(repeating: "..", count: start.count - common) + end[common...].map(String.init)
        return way.isEmpty ? "." : way.joined(separator: "/")
    }

    /// Without `.`, and with each `..` resolved.
    private static func components(_ path: String) -> [Substring] {
        path.split(separator: "/").reduce(into: []) { components, component in
            switch component {
            case ".": break
            case "..": _ = components.popLast()
            default: components.append(component)
            }
        }
    }
}
