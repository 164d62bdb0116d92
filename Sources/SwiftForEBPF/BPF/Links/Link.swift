// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// What keeps a program attached: it runs for as long as a descriptor or a pin holds its link.
///
/// So dropping a link detaches, and `pin(at:)` keeps it attached when the process ends.
public protocol Link: ~Copyable, KernelHandle {}

extension Link where Self: ~Copyable {
    /// `link`.
    public static var kind: HandleKind { .link }

    /// What the kernel says of it.
    public func info() throws(BPFError) -> LinkInfo { try LinkInfo(fileDescriptor) }

    /// Removes a pin of this link; it stays attached for as long as this value lives.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if that is something else.
    public func unpin(from path: String) throws(BPFError) {
        let pinned = try Descriptor(pinnedAt: path, as: .link)
        guard try LinkInfo(pinned.rawValue).id == info().id else {
            throw BPFError(
                .mismatch, "removing the pin \(path)", reason: "another link is pinned there",
                remedy: "give the path at which this link was pinned")
        }
        try Pin.remove(path)
    }

    /// Ends the attachment at once, whoever else holds the link (`BPF_LINK_DETACH`, Linux 5.9). Its descriptors and
    /// pins stay, and hold nothing.
    public func detach() throws(BPFError) { try check(bpf_link_detach(fileDescriptor), "BPF_LINK_DETACH", "detaching") }

    /// Lets the attachment go: the program runs no more unless a pin or another handle holds it. Dropping the value
    /// does the same; this says where.
    public consuming func release() {}

    func update(with program: borrowing some Program & ~Copyable) throws(BPFError) {
        let result = bpf_link_update(fileDescriptor, program.fileDescriptor, nil)
        try check(result, "BPF_LINK_UPDATE", "replacing an attached program")
    }
}

/// What a link is, `enum bpf_link_type`.
public struct LinkType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public var rawValue: UInt32

    /// A type by the kernel's number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `BPF_LINK_TYPE_RAW_TRACEPOINT`.
    public static let rawTracepoint = LinkType(rawValue: 1)
    /// `BPF_LINK_TYPE_TRACING`.
    public static let tracing = LinkType(rawValue: 2)
    /// `BPF_LINK_TYPE_CGROUP`.
    public static let cgroup = LinkType(rawValue: 3)
    /// `BPF_LINK_TYPE_ITER`.
    public static let iterator = LinkType(rawValue: 4)
    /// `BPF_LINK_TYPE_XDP`.
    public static let xdp = LinkType(rawValue: 6)
    /// `BPF_LINK_TYPE_STRUCT_OPS`.
    public static let structOps = LinkType(rawValue: 9)

    /// A name for people.
    public var description: String {
        switch self {
        case .rawTracepoint: "tracepoint link"
        case .tracing: "tracing link"
        case .cgroup: "cgroup link"
        case .iterator: "iterator link"
        case .xdp: "XDP link"
        case .structOps: "struct_ops link"
        default: "link of type \(rawValue)"
        }
    }

    /// - Throws: `mismatch` if a descriptor is a link of another type.
    static func demand(_ wanted: [LinkType], _ descriptor: borrowing Descriptor, _ name: String) throws(BPFError) {
        let found = try LinkInfo(descriptor.rawValue).type
        guard wanted.contains(found) else {
            throw BPFError(
                .mismatch, "opening the link '\(name)'",
                reason: "it is a \(found), a \(wanted[0]) is expected", remedy: "use its own type")
        }
    }
}

/// What the kernel says of a link (`struct bpf_link_info`).
public struct LinkInfo: Sendable, Equatable {
    /// The kernel's number of it.
    public var id: UInt32
    /// What it is.
    public var type: LinkType
    /// The number of its program; 0 if it has none, as that of a struct_ops.
    public var programID: UInt32

    init(_ descriptor: Int32) throws(BPFError) {
        let info = try LinkInfo.raw(descriptor)
        id = info.id
        type = LinkType(rawValue: info.type)
        programID = info.prog_id
    }

    static func raw(_ descriptor: Int32) throws(BPFError) -> bpf_link_info {
        var info = bpf_link_info()
        var length = UInt32(MemoryLayout<bpf_link_info>.size)
        let result = bpf_obj_get_info_by_fd(descriptor, &info, &length)
        try check(result, "BPF_OBJ_GET_INFO_BY_FD", "asking about a link")
        return info
    }

    /// The number of the map of a struct_ops link.
    static func structOpsMap(_ descriptor: Int32) throws(BPFError) -> UInt32 {
        // `struct_ops.map_id` begins where `cgroup.cgroup_id` does; some systems' headers are too old to have it.
        UInt32(truncatingIfNeeded: try raw(descriptor).cgroup.cgroup_id)
    }

    /// Whether there is a link of this number.
    public static func exists(_ id: UInt32) -> Bool {
        let descriptor = Descriptor(owning: bpf_link_get_fd_by_id(id))
        return descriptor.rawValue >= 0
    }
}
