// SPDX-License-Identifier: Apache-2.0

internal import Glibc
private import Synchronization

/// A feature that a kernel may or may not support.
///
/// It is probed by trying, never by comparing kernel versions: distributions backport features to older kernels, and
/// leave some out of newer ones.
public struct Feature: Sendable {
    /// The identifier, for example `ring_buffer`.
    public let name: String
    /// A short description, which completes the sentence "this kernel has no …".
    public let summary: String
    /// The first kernel.org release that supports it.
    public let minimumKernel: String
    /// The configuration options that a new enough kernel needs for it; `nil` if it needs none.
    public let option: String?
    /// Probes the kernel, each time that it is called.
    package let ask: @Sendable () -> Answer

    package init(
        _ name: String, _ summary: String, minimumKernel: String, option: String? = nil,
        ask: @escaping @Sendable () -> Answer
    ) {
        self.name = name
        self.summary = summary
        self.minimumKernel = minimumKernel
        self.option = option
        self.ask = ask
    }

    /// Whether the running kernel supports it.
    ///
    /// The answers `yes` and `no` are cached for the life of the process. `unknown`, for example because a capability
    /// is missing, isn't cached.
    public func probe() -> Answer {
        if let known = Self.known.withLock({ $0[name] }) { return known }
        let answer = ask()
        if answer == .yes || answer == .no { Self.known.withLock { $0[name] = answer } }
        return answer
    }

    private static let known = Mutex<[String: Answer]>([:])

    /// How to get a kernel that supports it.
    public var remedy: String {
        "use Linux \(minimumKernel) or newer" + (option.map { ", built with \($0)" } ?? "")
    }

    /// The remedy, if the missing feature explains why a call failed with this result.
    func remedy(for result: Int32) -> String? { -result == EINVAL && probe() == .no ? remedy : nil }

    /// Checks that the kernel supports it. An answer `unknown` passes.
    ///
    /// - Parameter action: the operation that needs it, for the error.
    /// - Throws: `unsupported`, with its name and remedy, if the kernel doesn't support it.
    public func demand(_ action: String) throws(BPFError) {
        guard probe() == .no else { return }
        throw BPFError(.unsupported, action, reason: "this kernel has no \(summary)", remedy: remedy)
    }
}

extension Feature {
    /// All features that this library probes.
    public static let all = [
        sockOps, cgroupSKB, xdp, tracing, rawTracepoints, tcpIterators, structOps, structOpsLinks,
        congestionControlFunctions, congestionControlOptions, congestionControlPacing, cgroupLinks, xdpLinks,
        ringBuffer, socketStorage, lpmTrie, queue, perCPUHash, batchOperations, btf,
    ]

    /// Programs that the kernel calls for events of TCP connections (`BPF_PROG_TYPE_SOCK_OPS`).
    public static let sockOps = Feature(
        "sock_ops", "sock_ops programs", minimumKernel: "4.13", option: "CONFIG_CGROUP_BPF=y"
    ) { Probe.program(.sockOps) }

    /// Programs that the kernel calls for a cgroup's packets (`BPF_PROG_TYPE_CGROUP_SKB`).
    public static let cgroupSKB = Feature(
        "cgroup_skb", "cgroup_skb programs", minimumKernel: "4.10", option: "CONFIG_CGROUP_BPF=y"
    ) { Probe.program(.cgroupSKB) }

    /// Programs that the kernel calls for an interface's packets before the network stack (`BPF_PROG_TYPE_XDP`).
    public static let xdp = Feature("xdp", "XDP programs", minimumKernel: "4.8") { Probe.program(.xdp) }

    /// Programs at kernel functions (`fentry`, `fexit`; `BPF_PROG_TYPE_TRACING`).
    public static let tracing = Feature(
        "tracing", "programs at kernel functions (fentry)", minimumKernel: "5.5",
        option: "CONFIG_DEBUG_INFO_BTF=y and CONFIG_FUNCTION_TRACER=y with direct calls"
    ) { Probe.tracing() }

    /// Programs at kernel tracepoints (`BPF_PROG_TYPE_RAW_TRACEPOINT`).
    public static let rawTracepoints = Feature(
        "raw_tracepoint", "raw tracepoint programs", minimumKernel: "4.17", option: "CONFIG_BPF_EVENTS=y"
    ) { Probe.program(.rawTracepoint) }

    /// Programs that visit all TCP sockets and can set their options (`iter/tcp` with `bpf_setsockopt`).
    public static let tcpIterators = Feature(
        "tcp_iterator", "programs that visit TCP sockets and set their options", minimumKernel: "5.15",
        option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.tcpIterators() }

    /// Congestion controls as programs (`BPF_MAP_TYPE_STRUCT_OPS`).
    public static let structOps = Feature(
        "struct_ops", "struct_ops", minimumKernel: "5.6", option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.structOps(isLinked: false) }

    /// Links for registrations of struct_ops (`BPF_F_LINK`).
    public static let structOpsLinks = Feature(
        "struct_ops_link", "struct_ops links", minimumKernel: "6.4", option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.structOps(isLinked: true) }

    /// Congestion controls as programs that call functions of the kernel (`tcp_reno_ssthresh`).
    public static let congestionControlFunctions = Feature(
        "congestion_control_functions", "congestion controls that call the kernel's functions", minimumKernel: "5.13",
        option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.congestionControlFunctions() }

    /// Congestion controls as programs that set socket options (`bpf_setsockopt`).
    public static let congestionControlOptions = Feature(
        "congestion_control_options", "congestion controls that set socket options", minimumKernel: "5.15",
        option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.congestionControlOptions() }

    /// Congestion controls as programs that set the pacing rate (`sk_pacing_rate`).
    public static let congestionControlPacing = Feature(
        "congestion_control_pacing", "congestion controls that set the pacing rate", minimumKernel: "6.0",
        option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.congestionControlField("sk_pacing_rate", of: "sock") }

    /// Links for programs of cgroups (`BPF_LINK_CREATE`).
    public static let cgroupLinks = Feature(
        "cgroup_link", "links of cgroups", minimumKernel: "5.7", option: "CONFIG_CGROUP_BPF=y"
    ) { Probe.cgroupLinks() }

    /// Links for programs of network interfaces (`BPF_LINK_CREATE`).
    public static let xdpLinks = Feature("xdp_link", "links of interfaces", minimumKernel: "5.9") {
        Probe.kernelStructure("bpf_xdp_link")
    }

    /// Ring buffers (`BPF_MAP_TYPE_RINGBUF`).
    public static let ringBuffer = mapType(.ringBuffer, name: "ring_buffer", minimumKernel: "5.8")
    /// Values attached to sockets (`BPF_MAP_TYPE_SK_STORAGE`).
    public static let socketStorage = mapType(.socketStorage, name: "socket_storage", minimumKernel: "5.2")
    /// Longest-prefix match (`BPF_MAP_TYPE_LPM_TRIE`).
    public static let lpmTrie = mapType(.lpmTrie, name: "lpm_trie", minimumKernel: "4.11")
    /// Queues (`BPF_MAP_TYPE_QUEUE`).
    public static let queue = mapType(.queue, name: "queue", minimumKernel: "4.20")
    /// Hash maps with a value for each CPU (`BPF_MAP_TYPE_PERCPU_HASH`).
    public static let perCPUHash = mapType(.perCPUHash, name: "per_cpu_hash", minimumKernel: "4.6")

    /// Reading and writing many map entries with one call (`BPF_MAP_LOOKUP_BATCH` and others).
    public static let batchOperations = Feature("batch", "batch operations on maps", minimumKernel: "5.6") {
        Probe.batchOperations()
    }

    /// The kernel's type information (`/sys/kernel/btf/vmlinux`).
    public static let btf = Feature(
        "btf", "type information (BTF)", minimumKernel: "5.4", option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.btf() }

    /// Maps of a type.
    public static func mapType(_ type: MapType) -> Feature {
        mapType(type, name: "map_type_\(type.rawValue)", minimumKernel: type.minimumKernel ?? "newer")
    }

    private static func mapType(_ type: MapType, name: String, minimumKernel: String) -> Feature {
        Feature(name, "map type '\(type)'", minimumKernel: minimumKernel) { Probe.mapType(type) }
    }
}

/// The result of a probe.
public enum Answer: Sendable, Equatable {
    /// It is available.
    case yes
    /// It isn't available.
    case no
    /// The probe failed, for this reason.
    case unknown(String)
}
