// SPDX-License-Identifier: Apache-2.0

/// The mounts that this process sees: /proc/self/mountinfo, proc_pid_mountinfo(5).
package struct MountTable: Sendable {
    /// One mount.
    package struct Entry: Equatable, Sendable {
        /// Where it is mounted.
        package let mountPoint: String
        /// Kind of file system, for example `cgroup2`.
        package let type: String
    }

    /// All mounts, in the order of mounting.
    package let entries: [Entry]

    /// Parses the text of /proc/self/mountinfo.
    package init(parsing text: String) {
        entries = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            // optional fields end with a lone dash; the type follows it
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, dash > 4 else { return nil }
            return Entry(mountPoint: Self.unescape(fields[4]), type: String(fields[dash + 1]))
        }
    }

    /// The mounts of this process.
    package static func current() throws -> MountTable {
        MountTable(parsing: try TextFile.read("/proc/self/mountinfo"))
    }

    /// The first mount of a kind.
    package func firstMountPoint(of type: String) -> String? {
        entries.first { $0.type == type }?.mountPoint
    }

    /// The kernel writes blanks, tabs, newlines and backslashes as three octal digits.
    private static func unescape(_ text: Substring) -> String {
        var result: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(digits) ?? "", radix: 8) {
                result.append(code)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
