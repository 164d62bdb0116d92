// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A program that the kernel calls for each packet of a network interface before the network stack. It may drop the
/// packet, change it or send it back (`BPF_PROG_TYPE_XDP`).
public struct XDPProgram: ~Copyable, Program {
    /// Where it runs.
    public enum Mode: Sendable {
        /// In the driver if it supports XDP, otherwise in the kernel's own code.
        case automatic
        /// In the kernel's own code, with any driver (`XDP_FLAGS_SKB_MODE`).
        case generic
        /// In the driver (`XDP_FLAGS_DRV_MODE`).
        case driver
        /// In the network card (`XDP_FLAGS_HW_MODE`).
        case hardware

        var flags: UInt32 {
            switch self {
            case .automatic: 0
            case .generic: 1 << 1
            case .driver: 1 << 2
            case .hardware: 1 << 3
            }
        }
    }

    /// The program's decision about a packet (`enum xdp_action`).
    public struct Verdict: RawRepresentable, Hashable, Sendable {
        /// The kernel's number.
        public var rawValue: UInt32

        /// Makes a verdict from the kernel's number.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// `XDP_ABORTED`.
        public static let aborted = Verdict(rawValue: 0)
        /// `XDP_DROP`.
        public static let drop = Verdict(rawValue: 1)
        /// `XDP_PASS`.
        public static let pass = Verdict(rawValue: 2)
        /// `XDP_TX`: sent back out of the same interface.
        public static let transmit = Verdict(rawValue: 3)
        /// `XDP_REDIRECT`.
        public static let redirect = Verdict(rawValue: 4)
    }

    private let descriptor: Descriptor
    private let name: String

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.xdp, descriptor, name)
        self.name = name
        self.descriptor = descriptor
    }

    /// Attaches it to a network interface, which can have one such program.
    ///
    /// - Returns: the link, which keeps it attached.
    /// - Throws: `system` (EBUSY) if the interface already has a program; `permission`; `unsupported` before Linux 5.9,
    ///   or if the driver doesn't support the mode.
    public func attach(to interface: NetworkInterface, mode: Mode = .automatic) throws(BPFError) -> XDPLink {
        try XDPLink(attaching: fileDescriptor, name, to: interface, mode: mode)
    }

    /// Runs it once on a given packet, without a network (`BPF_PROG_TEST_RUN`).
    ///
    /// - Parameter packet: an Ethernet frame of at least 14 bytes.
    /// - Returns: the verdict, and the packet after the program ran.
    /// - Throws: `invalid` if the packet is too short, `permission`.
    public func run(on packet: [UInt8]) throws(BPFError) -> (verdict: Verdict, packet: [UInt8]) {
        var output = [UInt8](repeating: 0, count: packet.count + 512)
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        options.data_size_in = UInt32(packet.count)
        options.data_size_out = UInt32(output.count)
        let result = packet.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { output in
                options.data_in = input.baseAddress
                options.data_out = output.baseAddress
                return bpf_prog_test_run_opts(fileDescriptor, &options)
            }
        }
        try check(result, "BPF_PROG_TEST_RUN", "running the program '\(name)' on a packet")
        return (Verdict(rawValue: options.retval), Array(output.prefix(Int(options.data_size_out))))
    }
}
