// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A file descriptor of the kernel's BPF subsystem; closed when it goes out of scope.
///
/// Programs, maps and links live as long as a descriptor, a pin or an attachment holds them.
public struct Descriptor: ~Copyable, Sendable {
    /// The file descriptor's number; negative for what was left out when its object was loaded.
    public let rawValue: Int32

    /// Takes ownership of an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit { if rawValue >= 0 { _ = close(rawValue) } }

    /// A second descriptor of the same object, for instance of a map that libbpf will close.
    public init(duplicating other: Int32) throws(BPFError) {
        rawValue = try check(fcntl(other, F_DUPFD_CLOEXEC, 3), "F_DUPFD_CLOEXEC", "duplicating a file descriptor")
    }

    /// Opens what is pinned at a path (`BPF_OBJ_GET`).
    ///
    /// - Parameters:
    ///   - path: on a bpffs.
    ///   - kind: what it must be; `nil`: anything.
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if that is something else, `permission`.
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

    /// Another descriptor of the same object.
    public func duplicate() throws(BPFError) -> Descriptor { try Descriptor(duplicating: rawValue) }

    /// The number, which the caller must close from now on.
    public consuming func release() -> Int32 {
        let value = rawValue
        discard self
        return value
    }
}

/// What a descriptor of BPF stands for.
public enum HandleKind: String, Sendable {
    /// A map.
    case map
    /// A program.
    case program
    /// A link.
    case link

    /// `nil` if it is something else, or /proc isn't mounted.
    init?(ofDescriptor descriptor: Int32) {
        switch FileText.target(ofLink: "/proc/self/fd/\(descriptor)") {
        case "anon_inode:bpf-map": self = .map
        case "anon_inode:bpf-prog": self = .program
        case "anon_inode:bpf_link", "anon_inode:bpf-link": self = .link
        default: return nil
        }
    }
}

/// Something of the kernel that a program holds by a descriptor, and that can be pinned: a map, a program or a link.
public protocol KernelHandle: ~Copyable, Sendable {
    /// What it is.
    static var kind: HandleKind { get }
    /// Its descriptor's number, valid for as long as this value lives.
    var fileDescriptor: Int32 { get }
    /// Takes a descriptor over, having looked at what it is.
    ///
    /// - Parameters:
    ///   - descriptor: what to take over.
    ///   - name: for errors to tell it by.
    /// - Throws: `mismatch` if it is of another kind or size.
    init(_ descriptor: consuming Descriptor, name: String) throws(BPFError)
}

extension KernelHandle where Self: ~Copyable {
    /// Opens what is pinned at a path.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if that is of another kind or size, `permission`.
    public init(pinnedAt path: String) throws(BPFError) {
        try self.init(try Descriptor(pinnedAt: path, as: Self.kind), name: path)
    }

    /// Pins it at a path on a bpffs, where it outlives this process (`BPF_OBJ_PIN`).
    ///
    /// A pin that is there already gives way at once, without a moment in which there is none.
    public func pin(at path: String) throws(BPFError) { try Pin.put(fileDescriptor, at: path) }
}
