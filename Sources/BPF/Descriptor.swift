// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A file descriptor of the kernel's BPF subsystem; closed when it goes out of scope.
///
/// Programs, maps and links live as long as a descriptor, a pin or an attachment holds them.
public struct Descriptor: ~Copyable, Sendable {
    /// The file descriptor's number.
    public let rawValue: Int32

    /// Takes ownership of an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit { _ = close(rawValue) }

    /// Opens what is pinned at a path (`BPF_OBJ_GET`).
    ///
    /// - Throws: `notFound` if nothing is pinned there, `permission`.
    public init(pinnedAt path: String) throws(BPFError) {
        rawValue = try check(bpf_obj_get(path), "opening the pin \(path)")
    }

    /// A second descriptor of the same object, for instance of a map that libbpf will close.
    public init(duplicating other: Int32) throws(BPFError) {
        rawValue = try check(fcntl(other, F_DUPFD_CLOEXEC, 3), "duplicating a file descriptor")
    }

    /// Pins the object at a path on a bpffs, where it outlives this process (`BPF_OBJ_PIN`).
    ///
    /// A pin that is there already gives way at once, without a moment in which there is none.
    public func pin(at path: String) throws(BPFError) {
        let fresh = path + Pin.freshSuffix
        _ = unlink(fresh)
        try check(bpf_obj_pin(rawValue, fresh), "pinning at \(path)", remedy: Pin.remedy(forErrno: errno))
        if rename(fresh, path) != 0 {
            let error = BPFError("pinning at \(path)", errno: errno)
            _ = unlink(fresh)
            throw error
        }
    }
}

/// Paths on a bpffs.
public enum Pin {
    /// Ends the name of a pin that is about to take its place. bpffs allows no dots in names.
    static let freshSuffix = "_fresh"

    static func remedy(forErrno errno: Int32) -> String? {
        errno == EINVAL || errno == EPERM ? "the directory must be on a bpffs, and its file system writable" : nil
    }

    /// Removes pins in a directory that never took their place, for their process ended half-way.
    public static func removeUnfinished(in directory: String) throws(BPFError) {
        for name in names(in: directory) where name.hasSuffix(freshSuffix) { try remove("\(directory)/\(name)") }
    }

    /// Whether anything is at this path.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a pin; nothing happens if there is none.
    public static func remove(_ path: String) throws(BPFError) {
        if unlink(path) != 0, errno != ENOENT { throw BPFError("removing the pin \(path)", errno: errno) }
    }

    /// Makes a directory and those above it; one that is there already is fine.
    public static func makeDirectory(_ path: String) throws(BPFError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw BPFError("making the directory \(path)", errno: errno)
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
        if rmdir(path) != 0, errno != ENOENT { throw BPFError("removing the directory \(path)", errno: errno) }
    }
}
