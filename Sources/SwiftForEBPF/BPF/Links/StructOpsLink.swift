// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc
internal import Synchronization

/// A registered struct_ops.
///
/// From Linux 6.4 on, a link keeps it registered, as with a program. On older kernels the registration remains until it
/// is removed. This type removes it when the value is dropped, unless it was pinned or opened from a pin.
public struct StructOpsLink: ~Copyable, Sendable {
    /// The descriptor of the link; on kernels without links, of the map.
    private let descriptor: Descriptor
    /// Whether a link keeps it registered.
    public let isLinked: Bool
    /// Whether the registration remains when this value is dropped. Always `true` with a link, which decides that
    /// itself.
    private let isKept: Atomic<Bool>

    init(linked descriptor: consuming Descriptor) {
        self.descriptor = descriptor
        isLinked = true
        isKept = Atomic(true)
    }

    init(unlinked map: consuming Descriptor) {
        descriptor = map
        isLinked = false
        isKept = Atomic(false)
    }

    /// Creates a link for a map that libbpf filled.
    init(linking map: Int32, _ action: String) throws(BPFError) {
        // `BPF_STRUCT_OPS` of `enum bpf_attach_type`, which some systems' headers are too old to have.
        let link = bpf_link_create(map, 0, bpf_attach_type(rawValue: 44), nil)
        let remedy = link == -EEXIST ? "register it under another name" : nil
        self.init(linked: Descriptor(owning: try check(link, "BPF_LINK_CREATE", action, remedy: remedy)))
    }

    /// Opens a pinned registration. It remains when this value is dropped.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if the pinned object isn't a struct_ops,
    ///   `permission`.
    public init(pinnedAt path: String) throws(BPFError) {
        let descriptor = try Descriptor(pinnedAt: path)
        if HandleKind(ofDescriptor: descriptor.rawValue) == .map {
            let type = try MapInfo(descriptor).type
            guard type == .structOps else {
                throw BPFError(
                    .mismatch, "opening the pin \(path) of a struct_ops", reason: "a \(type) is pinned there",
                    remedy: "give the path of a struct_ops")
            }
            isLinked = false
        } else {
            try LinkType.demand([.structOps], descriptor, path)
            isLinked = true
        }
        self.descriptor = descriptor
        isKept = Atomic(true)
    }

    deinit { if !isKept.load(ordering: .relaxed) { try? StructOpsLink.end(descriptor.rawValue) } }

    /// The number of its file descriptor, which is the link's; on kernels without links, the map's.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Pins it at a path on a bpffs, so that it outlives this process (`BPF_OBJ_PIN`).
    ///
    /// An existing pin at this path is replaced atomically.
    public func pin(at path: String) throws(BPFError) {
        try Pin.put(descriptor.rawValue, at: path)
        isKept.store(true, ordering: .relaxed)
    }

    /// Replaces the registered struct_ops by another one of the same kind and name. This is atomic, so there is no
    /// moment without one (`BPF_LINK_UPDATE`).
    ///
    /// - Throws: `unsupported` without links (before Linux 6.4); `system` if the kernel can't replace this structure.
    public func update(_ variable: borrowing StructOps) throws(BPFError) {
        let action = "replacing the struct_ops '\(variable.name)'"
        guard isLinked else {
            throw BPFError(
                .unsupported, action, reason: "no link keeps it registered", remedy: "use Linux 6.4 or newer")
        }
        try variable.prepare()
        try check(bpf_link_update(descriptor.rawValue, variable.mapDescriptor, nil), "BPF_LINK_UPDATE", action)
    }

    /// Removes a pinned registration and its pin. Does nothing if nothing is pinned there.
    ///
    /// - Throws: `mismatch` if the pinned object isn't a struct_ops.
    public static func unregister(pinnedAt path: String) throws(BPFError) {
        guard Pin.exists(path) else { return }
        let link = try StructOpsLink(pinnedAt: path)
        if !link.isLinked { try StructOpsLink.end(link.descriptor.rawValue) }
        try Pin.remove(path)
    }
}

extension StructOpsLink {
    /// Closes this registration. It ends unless a pin or another handle keeps it. Dropping the value does the same;
    /// this call makes the place visible.
    public consuming func release() {}

    /// Removes the registration of a map without a link (`BPF_MAP_DELETE_ELEM`).
    private static func end(_ map: Int32) throws(BPFError) {
        var key: UInt32 = 0
        if bpf_map_delete_elem(map, &key) == 0 { return }
        // EINPROGRESS: another process has removed the registration but ended before it removed the pin. The map stays
        // in this state until the kernel frees it with its last descriptor.
        if errno != ENOENT, errno != EOPNOTSUPP, errno != EINPROGRESS {
            throw BPFError("unregistering a struct_ops", call: "BPF_MAP_DELETE_ELEM", errno: errno)
        }
    }
}
