// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// struct_ops maps whose registration is held by a link (`BPF_F_LINK`, Linux 6.4).
///
/// Without links a registration outlives every descriptor and pin until it is taken back.
public enum StructOps {
    /// `BPF_F_LINK` of `BPF_MAP_CREATE`.
    public static let linkFlag: UInt32 = 1 << 13
    /// `BPF_STRUCT_OPS` of `enum bpf_attach_type`, younger than some systems' headers.
    private static let attachType = bpf_attach_type(rawValue: 44)

    /// Registers a loaded struct_ops variable with the kernel.
    ///
    /// - Parameter linked: whether the map was made with `linkFlag`.
    /// - Returns: the link's descriptor; `nil` without links: then the map itself is registered, until `unregister`.
    public static func register(
        _ object: borrowing ObjectFile, _ name: String, linked: Bool
    ) throws(BPFError) -> Descriptor? {
        let map = try object.map(name)
        Libbpf.quiet()
        guard let link = bpf_map__attach_struct_ops(map) else {
            throw BPFError("registering the struct_ops '\(name)'", errno: errno, log: Libbpf.takeLog())
        }
        // libbpf before 1.2 knows no links: it fills the map in and gives the map's descriptor. Its link must not be
        // destroyed, for that would take the registration back.
        let descriptor = bpf_link__fd(link)
        let mapDescriptor = bpf_map__fd(map)
        if descriptor != mapDescriptor {
            let own = try Descriptor(duplicating: descriptor)
            bpf_link__disconnect(link)
            _ = bpf_link__destroy(link)
            guard linked else { return nil }
            return consume own
        }
        bpf_link__disconnect(link)
        guard linked else { return nil }
        return try Self.link(map: mapDescriptor, name: name)
    }

    private static func link(map: Int32, name: String) throws(BPFError) -> Descriptor {
        let link = bpf_link_create(map, 0, attachType, nil)
        return Descriptor(owning: try check(link, "registering the struct_ops '\(name)'"))
    }

    /// Takes the registration of a map without a link back. Nothing happens if there is none, or it was taken back already.
    public static func unregister(_ map: borrowing Descriptor) throws(BPFError) {
        var key: UInt32 = 0
        if bpf_map_delete_elem(map.rawValue, &key) == 0 { return }
        // EINPROGRESS: it was taken back before, by somebody who ended before removing the pin. The kernel never leaves
        // that state; the map goes with its last descriptor.
        if errno != ENOENT, errno != EOPNOTSUPP, errno != EINPROGRESS {
            throw BPFError("taking a struct_ops back", errno: errno)
        }
    }
}
