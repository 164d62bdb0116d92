// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program attached to a network interface (`BPF_LINK_TYPE_XDP`, Linux 5.9).
public struct XDPLink: ~Copyable, Link {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if it is a link of another type.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        try LinkType.demand([.xdp], descriptor, name)
        self.descriptor = descriptor
    }

    init(
        attaching program: Int32, _ name: String, to interface: NetworkInterface, mode: XDPProgram.Mode
    ) throws(BPFError) {
        var options = bpf_link_create_opts()
        options.sz = MemoryLayout<bpf_link_create_opts>.size
        options.flags = mode.flags
        let link = bpf_link_create(program, Int32(bitPattern: interface.index), BPF_XDP, &options)
        descriptor = Descriptor(
            owning: try check(
                link, "BPF_LINK_CREATE", "attaching the program '\(name)' to the network interface \(interface)",
                remedy: XDPLink.remedy(for: link)))
    }

    private static func remedy(for result: Int32) -> String? {
        switch -result {
        case EBUSY: "the interface already has a program; 'bpftool net' shows it"
        case EOPNOTSUPP, BPFError.notSupported: "this driver doesn't support it; use the mode 'generic'"
        default: Feature.xdpLinks.remedy(for: result)
        }
    }

    /// Replaces the attached program atomically, so that there is no moment without a program (`BPF_LINK_UPDATE`).
    public func update(_ program: borrowing XDPProgram) throws(BPFError) { try update(with: program) }

    /// The number of the interface; 0 if the interface was removed.
    public func interfaceIndex() throws(BPFError) -> UInt32 { try LinkInfo.raw(fileDescriptor).xdp.ifindex }
}
