// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// The mount points of kernel file systems.
public enum Mounts {
    /// The usual mount point of the bpffs.
    public static let bpffs = "/sys/fs/bpf"

    /// The mount point of the unified cgroup hierarchy; `nil` if it isn't mounted.
    public static var cgroup2: String? { mountPoint(ofType: "cgroup2") }

    /// Whether a path, or the nearest existing directory above it, is on a bpffs.
    public static func isOnBPFFS(_ path: String) -> Bool {
        var path = path
        while true {
            var system = statfs()
            if statfs(path, &system) == 0 { return UInt64(system.f_type) == UInt64(BPF_FS_MAGIC) }
            // ENOENT, or EPERM: a bpffs allows no dots in names.
            guard path != "/", let slash = path.lastIndex(of: "/") else { return false }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
    }

    /// The nearest directory at or above `path` that exists, if this process may not make entries in it; or the one above
    /// it that it may not even search.
    ///
    /// - Returns: the directory, its mode in octal digits and its owner's number; `nil` if it is writable.
    static func firstDenied(below path: String) -> (path: String, mode: String, owner: UInt32)? {
        var candidate = path
        while true {
            var status = stat()
            if stat(candidate, &status) == 0 {
                if faccessat(AT_FDCWD, candidate, W_OK | X_OK, AT_EACCESS) == 0 { return nil }
                return (candidate, String(status.st_mode & 0o7777, radix: 8), status.st_uid)
            }
            guard candidate != "/", let slash = candidate.lastIndex(of: "/") else { return nil }
            candidate = slash == candidate.startIndex ? "/" : String(candidate[..<slash])
        }
    }

    /// The directory of this process's cgroup in the unified hierarchy; `nil` if none is mounted.
    public static var ownCgroup: String? {
        guard let root = cgroup2, let text = FileText.text("/proc/self/cgroup") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("0::") {
            let relative = line.dropFirst(3)
            return relative == "/" ? root : root + relative
        }
        return nil
    }

    private static func mountPoint(ofType type: String) -> String? {
        guard let text = FileText.text("/proc/self/mountinfo") else { return nil }
        return mountPoint(ofType: type, mountinfo: text)
    }

    /// Finds a file system in the text of /proc/PID/mountinfo (proc(5)).
    package static func mountPoint(ofType type: String, mountinfo text: String) -> String? {
        for line in text.split(separator: "\n") {
            // 36 35 98:0 /root /mount/point options … - type source options
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, fields[dash + 1] == type,
                fields.count > 4
            else { continue }
            return unescaped(fields[4])
        }
        return nil
    }

    /// The mount points of network namespaces (`ip netns`, container engines).
    static var networkNamespaces: [String] {
        FileText.text("/proc/self/mountinfo").map(networkNamespaces(mountinfo:)) ?? []
    }

    /// Finds network namespaces in the text of /proc/PID/mountinfo: file system `nsfs`, root `net:[NUMBER]`.
    package static func networkNamespaces(mountinfo text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.count > dash + 1, fields[dash + 1] == "nsfs",
                fields[3].hasPrefix("net:[")
            else { return nil }
            return unescaped(fields[4])
        }
    }

    /// Undoes the octal escapes of spaces and backslashes.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
