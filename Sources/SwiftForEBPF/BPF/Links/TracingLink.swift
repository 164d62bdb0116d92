// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program attached to a kernel function or tracepoint (`BPF_LINK_TYPE_TRACING`, `BPF_LINK_TYPE_RAW_TRACEPOINT`).
public struct TracingLink: ~Copyable, Link {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if it is a link of another type.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        try LinkType.demand([.tracing, .rawTracepoint], descriptor, name)
        self.descriptor = descriptor
    }

    init(attaching program: Int32, _ name: String, tracepoint: String?) throws(BPFError) {
        let action = "attaching the program '\(name)'\(tracepoint.map { " to the tracepoint '\($0)'" } ?? "")"
        let link = bpf_raw_tracepoint_open(tracepoint, program)
        descriptor = Descriptor(
            owning: try check(link, "BPF_RAW_TRACEPOINT_OPEN", action, remedy: TracingLink.remedy(for: link)))
    }

    private static func remedy(for result: Int32) -> String? {
        switch -result {
        case ENOENT: "give a name that /sys/kernel/tracing/available_events lists"
        case BPFError.notSupported: Feature.tracing.remedy
        default: nil
        }
    }
}
