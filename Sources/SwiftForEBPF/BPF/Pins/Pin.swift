// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Operations on pins and directories of a bpffs.
public enum Pin {
    /// Suffix of a new pin's temporary name, before it is renamed. bpffs allows no dots in names.
    static let freshSuffix = "_fresh"

    /// Pins a descriptor, and replaces an existing pin atomically.
    static func put(_ descriptor: Int32, at path: String) throws(BPFError) {
        let action = "pinning at \(path)"
        guard descriptor >= 0 else {
            throw BPFError(.notFound, action, reason: "it was left out when its object was loaded")
        }
        let fresh = path + freshSuffix
        _ = unlink(fresh)
        let result = bpf_obj_pin(descriptor, fresh)
        try check(result, "BPF_OBJ_PIN", action, remedy: putRemedy(path, errno: -result))
        if rename(fresh, path) != 0 {
            let error = BPFError(action, call: "rename", errno: errno)
            _ = unlink(fresh)
            throw error
        }
    }

    private static func putRemedy(_ path: String, errno: Int32) -> String? {
        switch errno {
        case EINVAL, EPERM:
            Mounts.isOnBPFFS(path) ? nil : "the directory must be on a bpffs, such as \(Mounts.bpffs)"
        case EROFS: "the bpffs is mounted read-only here; systemd does that with ProtectKernelTunables="
        case ENOENT: "create the directory first"
        default: nil
        }
    }

    /// - Parameter errno: the errno of `BPF_OBJ_GET`, positive.
    static func openRemedy(_ path: String, errno: Int32) -> String? {
        switch errno {
        case ENOENT: "give the path of a pin, or pin it first"
        case EACCES, EPERM: exists(path) && !Mounts.isOnBPFFS(path) ? "give a path on a bpffs" : nil
        default: nil
        }
    }

    /// Removes the temporary pins in a directory whose process ended before it renamed them.
    public static func removeUnfinished(in directory: String) throws(BPFError) {
        for name in names(in: directory) where name.hasSuffix(freshSuffix) { try remove("\(directory)/\(name)") }
    }

    /// Whether the path exists.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a pin. Does nothing if it doesn't exist.
    public static func remove(_ path: String) throws(BPFError) {
        if unlink(path) != 0, errno != ENOENT {
            throw BPFError("removing the pin \(path)", call: "unlink", errno: errno)
        }
    }

    /// Creates a directory, with mode 700, and the directories above it. Does nothing if it exists.
    public static func makeDirectory(_ path: String) throws(BPFError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw BPFError("creating the directory \(path)", call: "mkdir", errno: errno)
    }

    /// The names in a directory, sorted; empty if it can't be read.
    public static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes an empty directory. Does nothing if it doesn't exist.
    public static func removeDirectory(_ path: String) throws(BPFError) {
        if rmdir(path) != 0, errno != ENOENT {
            throw BPFError("removing the directory \(path)", call: "rmdir", errno: errno)
        }
    }
}
