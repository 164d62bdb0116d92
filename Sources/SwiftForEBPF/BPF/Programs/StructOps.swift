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
        let isLinked = spec.isCreated ? try MapInfo(bpf_map__fd(map)).flags.contains(.link) : false
        let descriptor = spec.isCreated ? try Descriptor(duplicating: bpf_map__fd(map)) : Descriptor(owning: -1)
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
        guard spec.isCreated else {
            throw BPFError(.notFound, action, reason: "it was left out when its object was loaded")
        }
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
        let (link, errno, messages) = fill()
        let remedy = errno == EEXIST ? "register it under another name" : nil
        guard errno == 0 else {
            throw BPFError(action, call: "BPF_MAP_UPDATE_ELEM", errno: errno, remedy: remedy, log: messages)
        }
        guard isLinked else { return StructOpsLink(unlinked: try descriptor.duplicate()) }
        if link >= 0 { return StructOpsLink(linked: Descriptor(owning: link)) }
        return try StructOpsLink(linking: descriptor.rawValue, action)
    }

    /// Makes it ready to take another's place.
    func prepare() throws(BPFError) {
        let (link, errno, messages) = fill()
        // Its own link isn't wanted; it couldn't be had either, for the other one has the name.
        if link >= 0 { _ = Descriptor(owning: link) }
        guard errno == 0 || errno == EEXIST || errno == EBUSY else {
            throw BPFError(action, call: "BPF_MAP_UPDATE_ELEM", errno: errno, log: messages)
        }
    }

    private var action: String {
        "registering the struct_ops '\(spec.variable)'\(spec.name.isEmpty ? "" : " as '\(spec.name)'")"
    }

    /// Has libbpf write the functions into the map, which registers them unless a link is to.
    ///
    /// - Returns: the link, if libbpf made one; it does since 1.2. Before, it knows no links.
    private func fill() -> (link: Int32, errno: Int32, messages: String) {
        guard let map = bpf_object__find_map_by_name(object.pointer, spec.variable) else { return (-1, ENOENT, "") }
        // One thread at a time, for libbpf fills its own data in too; `listen` sees to it.
        let (link, messages) = Libbpf.listen { bpf_map__attach_struct_ops(map) }
        guard let link else { return (-1, errno, messages) }
        let linkDescriptor = bpf_link__fd(link)
        // Its memory only: what libbpf would do besides is to take the registration back.
        bpf_link__disconnect(link)
        _ = bpf_link__destroy(link)
        return (linkDescriptor == bpf_map__fd(map) ? -1 : linkDescriptor, 0, messages)
    }

    var mapDescriptor: Int32 { descriptor.rawValue }
}

/// One function of a struct_ops (`BPF_PROG_TYPE_STRUCT_OPS`). It is called once the variable that holds it is
/// registered.
public struct StructOpsProgram: ~Copyable, Program {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.structOps, descriptor, name)
        self.descriptor = descriptor
    }
}

/// The kernel's registry of congestion controls, one for the whole machine.
public enum CongestionControls {
    /// The names that are taken, built-in ones and those of struct_ops alike; none if /proc can't be read.
    public static var registered: [String] {
        (FileText.text("/proc/sys/net/ipv4/tcp_available_congestion_control") ?? "")
            .split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}
