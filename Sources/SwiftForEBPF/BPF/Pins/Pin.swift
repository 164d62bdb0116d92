// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Paths on a bpffs.
public enum Pin {
    /// Ends the name of a pin that is about to take its place. bpffs allows no dots in names.
    static let freshSuffix = "_fresh"

    /// Pins a descriptor; a pin that is there already gives way at once.
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
            Mounts.isOnBPFFS(path) ? nil : "the directory must be on a bpffs, as \(Mounts.bpffs) is"
        case EROFS: "the bpffs is mounted read-only here; systemd does that with ProtectKernelTunables="
        case ENOENT: "make the directory first"
        default: nil
        }
    }

    /// - Parameter errno: of `BPF_OBJ_GET`.
    static func openRemedy(_ path: String, errno: Int32) -> String? {
        switch errno {
        case ENOENT: "give the path of a pin, or pin it first"
        case EACCES, EPERM: exists(path) && !Mounts.isOnBPFFS(path) ? "give a path on a bpffs" : nil
        default: nil
        }
    }

    /// Removes pins in a directory that never took their place, for their process ended half-way.
    public static func removeUnfinished(in directory: String) throws(BPFError) {
        for name in names(in: directory) where name.hasSuffix(freshSuffix) { try remove("\(directory)/\(name)") }
    }

    /// Whether anything is at this path.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a pin; nothing happens if there is none.
    public static func remove(_ path: String) throws(BPFError) {
        if unlink(path) != 0, errno != ENOENT {
            throw BPFError("removing the pin \(path)", call: "unlink", errno: errno)
        }
    }

    /// Makes a directory and those above it; one that is there already is fine.
    public static func makeDirectory(_ path: String) throws(BPFError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw BPFError("making the directory \(path)", call: "mkdir", errno: errno)
    }

    /// The names in a directory; none if it doesn't exist.
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

    /// Removes an empty directory; nothing happens if there is none.
    public static func removeDirectory(_ path: String) throws(BPFError) {
        if rmdir(path) != 0, errno != ENOENT {
            throw BPFError("removing the directory \(path)", call: "rmdir", errno: errno)
        }
    }
}
