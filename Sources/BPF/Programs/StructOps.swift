// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A variable of functions in the kernel (struct_ops), ready to be registered: for instance a congestion control.
public struct StructOps: ~Copyable, Sendable {
    private let object: LoadedObject
    private let descriptor: Descriptor
    private let spec: StructOpsSpec
    /// Whether its registration is held by a link.
    private let isLinked: Bool

    init(_ object: LoadedObject, _ map: OpaquePointer, _ spec: StructOpsSpec) throws(BPFError) {
        let isLinked = try MapInfo(bpf_map__fd(map)).flags.contains(.link)
        let descriptor = try Descriptor(duplicating: bpf_map__fd(map))
        self.object = object
        self.spec = spec
        self.isLinked = isLinked
        self.descriptor = descriptor
    }

    /// The name under which it registers; empty if its kind has none.
    public var name: String { spec.name }

    /// What the kernel says of the map that holds it.
    public func info() throws(BPFError) -> MapInfo { try MapInfo(descriptor) }

    /// Registers it: from now on the kernel may call its functions.
    ///
    /// Without links (before Linux 6.4) a registration stands until it is taken back, even if the process is killed. So
    /// it is pinned first, for somebody else to find.
    ///
    /// - Parameter path: where to pin the registration; `nil`: nowhere, it ends with the value that is returned.
    /// - Returns: what keeps it registered.
    /// - Throws: `system` (EEXIST) if the name is taken, `permission`.
    public func register(pinnedAt path: String? = nil) throws(BPFError) -> StructOpsLink {
        if let path, !isLinked { try Pin.put(descriptor.rawValue, at: path) }
        do throws(BPFError) {
            let link = try attach()
            if let path { try link.pin(at: path) }
            return link
        } catch {
            if let path, !isLinked { try? Pin.remove(path) }
            throw error
        }
    }

    private func attach() throws(BPFError) -> StructOpsLink {
        let action = "registering the struct_ops '\(spec.variable)'\(spec.name.isEmpty ? "" : " as '\(spec.name)'")"
        guard let map = bpf_object__find_map_by_name(object.pointer, spec.variable) else {
            throw BPFError(.notFound, action)
        }
        let mapDescriptor = bpf_map__fd(map)
        // One thread at a time, for libbpf fills the variable in; `listen` sees to it.
        let (link, messages) = Libbpf.listen { bpf_map__attach_struct_ops(map) }
        guard let link else {
            throw BPFError(
                action, call: "BPF_MAP_UPDATE_ELEM", errno: errno,
                remedy: errno == EEXIST ? "register it under another name" : nil, log: messages)
        }
        let linkDescriptor = bpf_link__fd(link)
        // Its memory only: what libbpf would do besides is to take the registration back.
        bpf_link__disconnect(link)
        _ = bpf_link__destroy(link)
        guard isLinked else { return StructOpsLink(unlinked: try descriptor.duplicate()) }
        if linkDescriptor != mapDescriptor { return StructOpsLink(linked: Descriptor(owning: linkDescriptor)) }
        // libbpf before 1.2 knows no links: it filled the map in, and gave the map's descriptor.
        return try StructOpsLink(linking: mapDescriptor, action)
    }

    var mapDescriptor: Int32 { descriptor.rawValue }
}
