// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc
internal import Synchronization

/// A registered struct_ops.
///
/// From Linux 6.4 on it is held by a link, like any program. Before, the registration itself stands until it is taken
/// back; this type does so when it is dropped, unless it was pinned or opened from a pin.
public struct StructOpsLink: ~Copyable, Sendable {
    /// The link's, or without links the map's.
    private let descriptor: Descriptor
    /// Whether a link holds the registration.
    public let isLinked: Bool
    /// Whether it stands when this value is dropped. A link takes care of that itself.
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

    /// Links a map that libbpf filled in.
    init(linking map: Int32, _ action: String) throws(BPFError) {
        // `BPF_STRUCT_OPS` of `enum bpf_attach_type`, younger than some systems' headers.
        let link = bpf_link_create(map, 0, bpf_attach_type(rawValue: 44), nil)
        let remedy = link == -EEXIST ? "register it under another name" : nil
        self.init(linked: Descriptor(owning: try check(link, "BPF_LINK_CREATE", action, remedy: remedy)))
    }

    /// Opens a registration from its pin. It stands when this value is dropped.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if that is something else, `permission`.
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

    /// The descriptor's number: the link's, or without links the map's.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Pins it at a path on a bpffs, where it outlives this process (`BPF_OBJ_PIN`).
    public func pin(at path: String) throws(BPFError) {
        try Pin.put(descriptor.rawValue, at: path)
        isKept.store(true, ordering: .relaxed)
    }

    /// Puts another variable of the same kind and name into the place of this one, without a moment in which there is
    /// none (`BPF_LINK_UPDATE`).
    ///
    /// - Throws: `unsupported` without links; `system` if the structure can't be replaced.
    public func update(_ variable: borrowing StructOps) throws(BPFError) {
        let action = "replacing the struct_ops '\(variable.name)'"
        guard isLinked else {
            throw BPFError(.unsupported, action, reason: "it has no link", remedy: "use Linux 6.4 or newer")
        }
        try variable.prepare()
        try check(bpf_link_update(descriptor.rawValue, variable.mapDescriptor, nil), "BPF_LINK_UPDATE", action)
    }

    /// Takes a pinned registration back and removes its pin. Nothing happens if nothing is pinned there.
    ///
    /// - Throws: `mismatch` if that is no struct_ops.
    public static func unregister(pinnedAt path: String) throws(BPFError) {
        guard Pin.exists(path) else { return }
        let link = try StructOpsLink(pinnedAt: path)
        if !link.isLinked { try StructOpsLink.end(link.descriptor.rawValue) }
        try Pin.remove(path)
    }
}

extension StructOpsLink {
    /// Lets the registration go: it ends unless a pin or another handle holds it. Dropping the value does the same;
    /// this says where.
    public consuming func release() {}

    /// Takes the registration of a map without a link back: `BPF_MAP_DELETE_ELEM`.
    private static func end(_ map: Int32) throws(BPFError) {
        var key: UInt32 = 0
        if bpf_map_delete_elem(map, &key) == 0 { return }
        // EINPROGRESS: it was taken back before, by somebody who ended before removing the pin. The kernel never leaves
        // that state; the map goes with its last descriptor.
        if errno != ENOENT, errno != EOPNOTSUPP, errno != EINPROGRESS {
            throw BPFError("taking a struct_ops back", call: "BPF_MAP_DELETE_ELEM", errno: errno)
        }
    }
}
