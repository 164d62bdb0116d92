// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// The attachment of a program. The program stays attached for as long as a descriptor or a pin of the link exists.
///
/// So dropping the last link value detaches the program, and `pin(at:)` keeps it attached after the process ends.
public protocol Link: ~Copyable, KernelHandle {}

extension Link where Self: ~Copyable {
    /// `link`.
    public static var kind: HandleKind { .link }

    /// What the kernel reports about it (`BPF_OBJ_GET_INFO_BY_FD`).
    public func info() throws(BPFError) -> LinkInfo { try LinkInfo(fileDescriptor) }

    /// Removes a pin of this link. The program stays attached for as long as this value exists.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if something else is pinned there.
    public func unpin(from path: String) throws(BPFError) {
        let pinned = try Descriptor(pinnedAt: path, as: .link)
        guard try LinkInfo(pinned.rawValue).id == info().id else {
            throw BPFError(
                .mismatch, "removing the pin \(path)", reason: "another link is pinned there",
                remedy: "give the path at which this link was pinned")
        }
        try Pin.remove(path)
    }

    /// Detaches the program immediately, even if others have descriptors or pins of the link (`BPF_LINK_DETACH`, Linux
    /// 5.9). These remain, but have no effect any more.
    public func detach() throws(BPFError) { try check(bpf_link_detach(fileDescriptor), "BPF_LINK_DETACH", "detaching") }

    /// Closes this link. The program is detached unless a pin or another handle of the link exists. Dropping the value
    /// does the same; this call makes the place visible.
    public consuming func release() {}

    func update(with program: borrowing some Program & ~Copyable) throws(BPFError) {
        let result = bpf_link_update(fileDescriptor, program.fileDescriptor, nil)
        try check(result, "BPF_LINK_UPDATE", "replacing an attached program")
    }
}

/// The type of a link, `enum bpf_link_type`.
public struct LinkType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public var rawValue: UInt32

    /// Makes a type from the kernel's number.
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

    /// The name in messages.
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

    /// Checks the type of a link.
    ///
    /// - Throws: `mismatch` if it is of another type.
    static func demand(_ wanted: [LinkType], _ descriptor: borrowing Descriptor, _ name: String) throws(BPFError) {
        let found = try LinkInfo(descriptor.rawValue).type
        guard wanted.contains(found) else {
            throw BPFError(
                .mismatch, "opening the link '\(name)'",
                reason: "it is a \(found), but a \(wanted[0]) is expected", remedy: "use the Swift type for it")
        }
    }
}

/// What the kernel reports about a link (`struct bpf_link_info`).
public struct LinkInfo: Sendable, Equatable {
    /// Its number in the kernel.
    public var id: UInt32
    /// The type of link.
    public var type: LinkType
    /// The kernel's number of its program; 0 if it has none, like the link of a struct_ops.
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
        try check(result, "BPF_OBJ_GET_INFO_BY_FD", "querying a link")
        return info
    }

    /// The kernel's number of the map of a struct_ops link.
    static func structOpsMap(_ descriptor: Int32) throws(BPFError) -> UInt32 {
        // `struct_ops.map_id` is at the same offset as `cgroup.cgroup_id`. Some systems' headers are too old to have
        // it.
        UInt32(truncatingIfNeeded: try raw(descriptor).cgroup.cgroup_id)
    }

    /// Whether a link with this number exists. Without CAP_SYS_ADMIN the answer is always `false`.
    public static func exists(_ id: UInt32) -> Bool {
        let descriptor = Descriptor(owning: bpf_link_get_fd_by_id(id))
        return descriptor.rawValue >= 0
    }
}
