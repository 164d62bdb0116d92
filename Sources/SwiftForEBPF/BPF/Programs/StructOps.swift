// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A structure of functions in the kernel (struct_ops), ready to be registered: for example a congestion control.
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

    /// The name that it registers under; empty if its structure has no member `name`.
    public var name: String { spec.name }

    /// What the kernel reports about the map that contains it (`BPF_OBJ_GET_INFO_BY_FD`).
    public func info() throws(BPFError) -> MapInfo { try MapInfo(descriptor) }

    /// Registers it, so that the kernel may call its functions.
    ///
    /// Before Linux 6.4 there are no links, and a registration remains until it is removed, even if the process is
    /// killed. So this pins it first, and another process can find it.
    ///
    /// - Parameter path: where to pin the registration; `nil`: it isn't pinned, and ends with the returned value.
    /// - Returns: the registration, which lasts for as long as this value or the pin exists.
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

    /// Fills the map, so that it can replace another registration.
    func prepare() throws(BPFError) {
        let (link, errno, messages) = fill()
        // It needs no link of its own. Creating one usually fails anyway: the other registration has the name.
        if link >= 0 { _ = Descriptor(owning: link) }
        guard errno == 0 || errno == EEXIST || errno == EBUSY else {
            throw BPFError(action, call: "BPF_MAP_UPDATE_ELEM", errno: errno, log: messages)
        }
    }

    private var action: String {
        "registering the struct_ops '\(spec.variable)'\(spec.name.isEmpty ? "" : " as '\(spec.name)'")"
    }

    /// Makes libbpf write the functions into the map. This registers them, unless a link is to do so.
    ///
    /// - Returns: the link, if libbpf creates one, as it does from version 1.2 on.
    private func fill() -> (link: Int32, errno: Int32, messages: String) {
        guard let map = bpf_object__find_map_by_name(object.pointer, spec.variable) else { return (-1, ENOENT, "") }
        // libbpf also writes to its own data, so only one thread at a time may call it. `listen` makes sure of that.
        let (link, messages) = Libbpf.listen { bpf_map__attach_struct_ops(map) }
        guard let link else { return (-1, errno, messages) }
        let linkDescriptor = bpf_link__fd(link)
        // Frees only the memory. Without 'disconnect', libbpf would also remove the registration.
        bpf_link__disconnect(link)
        _ = bpf_link__destroy(link)
        return (linkDescriptor == bpf_map__fd(map) ? -1 : linkDescriptor, 0, messages)
    }

    var mapDescriptor: Int32 { descriptor.rawValue }
}

/// One function of a struct_ops (`BPF_PROG_TYPE_STRUCT_OPS`). The kernel calls it after its struct_ops is registered.
public struct StructOpsProgram: ~Copyable, Program {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.structOps, descriptor, name)
        self.descriptor = descriptor
    }
}

/// The kernel's registry of congestion controls. There is one for the whole machine.
public enum CongestionControls {
    /// The names of all registered congestion controls, built-in ones and those of struct_ops
    /// (`net.ipv4.tcp_available_congestion_control`); empty if /proc can't be read.
    public static var registered: [String] {
        (FileText.text("/proc/sys/net/ipv4/tcp_available_congestion_control") ?? "")
            .split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}
