// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A file descriptor of a BPF program, map or link. It is closed when it goes out of scope.
///
/// The kernel keeps a program, map or link for as long as a descriptor, a pin or an attachment refers to it.
public struct Descriptor: ~Copyable, Sendable {
    /// The number of the file descriptor; negative for a map or program that was left out when its object was loaded.
    public let rawValue: Int32

    /// Takes ownership of an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit { if rawValue >= 0 { _ = close(rawValue) } }

    /// Makes a second descriptor of the same object (`F_DUPFD_CLOEXEC`).
    ///
    /// - Parameter other: stays open, and stays the caller's.
    public init(duplicating other: Int32) throws(BPFError) {
        rawValue = try check(fcntl(other, F_DUPFD_CLOEXEC, 3), "F_DUPFD_CLOEXEC", "duplicating a file descriptor")
    }

    /// Opens the object that is pinned at a path (`BPF_OBJ_GET`).
    ///
    /// - Parameters:
    ///   - path: a path on a bpffs.
    ///   - kind: the expected kind; `nil`: any.
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if the pinned object is of another kind,
    ///   `permission`.
    public init(pinnedAt path: String, as kind: HandleKind? = nil) throws(BPFError) {
        let action = "opening the pin \(path)\(kind.map { " of a \($0.rawValue)" } ?? "")"
        let opened = bpf_obj_get(path)
        guard opened >= 0 else {
            throw BPFError(action, call: "BPF_OBJ_GET", errno: opened, remedy: Pin.openRemedy(path, errno: -opened))
        }
        if let kind, let found = HandleKind(ofDescriptor: opened), found != kind {
            _ = close(opened)
            throw BPFError(
                .mismatch, action, reason: "a \(found.rawValue) is pinned there",
                remedy: "give the path of a \(kind.rawValue)")
        }
        rawValue = opened
    }

    /// Makes a second descriptor of the same object.
    public func duplicate() throws(BPFError) -> Descriptor { try Descriptor(duplicating: rawValue) }

    /// Gives up ownership.
    ///
    /// - Returns: the number of the file descriptor, which the caller must close.
    public consuming func release() -> Int32 {
        let value = rawValue
        discard self
        return value
    }
}

/// The kind of a BPF object.
public enum HandleKind: String, Sendable {
    /// A map.
    case map
    /// A program.
    case program
    /// A link.
    case link

    /// Finds the kind of a descriptor's object; `nil` if it is something else, or /proc isn't mounted.
    init?(ofDescriptor descriptor: Int32) {
        switch FileText.target(ofLink: "/proc/self/fd/\(descriptor)") {
        case "anon_inode:bpf-map": self = .map
        case "anon_inode:bpf-prog": self = .program
        case "anon_inode:bpf_link", "anon_inode:bpf-link": self = .link
        default: return nil
        }
    }
}

/// A handle of a kernel object that can be pinned: a map, a program or a link.
public protocol KernelHandle: ~Copyable, Sendable {
    /// The kind of object.
    static var kind: HandleKind { get }
    /// The number of its file descriptor, valid for as long as this value exists.
    var fileDescriptor: Int32 { get }
    /// Takes ownership of a descriptor, after checking its type.
    ///
    /// - Parameters:
    ///   - descriptor: the descriptor.
    ///   - name: the name in error messages.
    /// - Throws: `mismatch` if the object is of another type or size.
    init(_ descriptor: consuming Descriptor, name: String) throws(BPFError)
}

extension KernelHandle where Self: ~Copyable {
    /// Opens the object that is pinned at a path (`BPF_OBJ_GET`).
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if the pinned object is of another type or size,
    ///   `permission`.
    public init(pinnedAt path: String) throws(BPFError) {
        try self.init(try Descriptor(pinnedAt: path, as: Self.kind), name: path)
    }

    /// Pins the object at a path on a bpffs, so that it outlives this process (`BPF_OBJ_PIN`).
    ///
    /// An existing pin at this path is replaced atomically.
    ///
    /// - Throws: `invalid` or `permission` if the path isn't on a bpffs, `notFound` if its directory doesn't exist.
    public func pin(at path: String) throws(BPFError) { try Pin.put(fileDescriptor, at: path) }
}
