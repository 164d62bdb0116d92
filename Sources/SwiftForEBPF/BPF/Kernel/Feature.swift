// SPDX-License-Identifier: Apache-2.0

internal import Glibc
private import Synchronization

/// Something that a kernel has or hasn't.
///
/// It is found out by trying, never by the kernel's version: distributions bring features to older kernels, and leave
/// some out of newer ones.
public struct Feature: Sendable {
    /// A word to tell it by, for instance `ring_buffer`.
    public let name: String
    /// What it is good for.
    public let summary: String
    /// The first kernel of kernel.org that has it.
    public let minimumKernel: String
    /// How a kernel gets it that is new enough; `nil` if all have it.
    public let option: String?
    /// Asks the kernel, each time.
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

    /// Whether the running kernel has it. An answer that is sure is kept for the process's life; one that isn't,
    /// because a right is missing for instance, is asked for again.
    public func probe() -> Answer {
        if let known = Self.known.withLock({ $0[name] }) { return known }
        let answer = ask()
        if answer == .yes || answer == .no { Self.known.withLock { $0[name] = answer } }
        return answer
    }

    private static let known = Mutex<[String: Answer]>([:])

    /// How to get it.
    public var remedy: String {
        "use Linux \(minimumKernel) or newer" + (option.map { ", built with \($0)" } ?? "")
    }

    /// How to get it, if it is the reason why a call failed.
    func remedy(for result: Int32) -> String? { -result == EINVAL && probe() == .no ? remedy : nil }

    /// - Throws: `unsupported`, naming it, if the kernel hasn't got it.
    public func demand(_ action: String) throws(BPFError) {
        guard probe() == .no else { return }
        throw BPFError(.unsupported, action, reason: "this kernel has no \(summary)", remedy: remedy)
    }
}

extension Feature {
    /// All that this library asks for.
    public static let all = [
        sockOps, cgroupSKB, xdp, tracing, rawTracepoints, tcpIterators, structOps, structOpsLinks, cgroupLinks,
        xdpLinks, ringBuffer, socketStorage, lpmTrie, queue, perCPUHash, batchOperations, btf,
    ]

    /// Programs that see events of TCP connections.
    public static let sockOps = Feature(
        "sock_ops", "sock_ops programs", minimumKernel: "4.13", option: "CONFIG_CGROUP_BPF=y"
    ) { Probe.program(.sockOps) }

    /// Programs that see a cgroup's packets.
    public static let cgroupSKB = Feature(
        "cgroup_skb", "cgroup_skb programs", minimumKernel: "4.10", option: "CONFIG_CGROUP_BPF=y"
    ) { Probe.program(.cgroupSKB) }

    /// Programs that see an interface's packets first.
    public static let xdp = Feature("xdp", "XDP programs", minimumKernel: "4.8") { Probe.program(.xdp) }

    /// Programs at functions of the kernel (`fentry`, `fexit`).
    public static let tracing = Feature(
        "tracing", "programs at kernel functions (fentry)", minimumKernel: "5.5",
        option: "CONFIG_DEBUG_INFO_BTF=y and CONFIG_FUNCTION_TRACER=y with direct calls"
    ) { Probe.tracing() }

    /// Programs at tracepoints of the kernel.
    public static let rawTracepoints = Feature(
        "raw_tracepoint", "raw tracepoint programs", minimumKernel: "4.17", option: "CONFIG_BPF_EVENTS=y"
    ) { Probe.program(.rawTracepoint) }

    /// Programs that visit all TCP sockets and may set their options (`iter/tcp` with `bpf_setsockopt`).
    public static let tcpIterators = Feature(
        "tcp_iterator", "programs that visit TCP sockets and set their options", minimumKernel: "5.15",
        option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.tcpIterators() }

    /// Congestion controls as programs.
    public static let structOps = Feature(
        "struct_ops", "struct_ops", minimumKernel: "5.6", option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.structOps(isLinked: false) }

    /// Links that hold the registration of a struct_ops (`BPF_F_LINK`).
    public static let structOpsLinks = Feature(
        "struct_ops_link", "struct_ops links", minimumKernel: "6.4", option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.structOps(isLinked: true) }

    /// Links of cgroups' programs.
    public static let cgroupLinks = Feature(
        "cgroup_link", "links of cgroups", minimumKernel: "5.7", option: "CONFIG_CGROUP_BPF=y"
    ) { Probe.cgroupLinks() }

    /// Links of interfaces' programs.
    public static let xdpLinks = Feature("xdp_link", "links of interfaces", minimumKernel: "5.9") {
        Probe.kernelStructure("bpf_xdp_link")
    }

    /// Ring buffers.
    public static let ringBuffer = mapType(.ringBuffer, name: "ring_buffer", minimumKernel: "5.8")
    /// Values that belong to sockets.
    public static let socketStorage = mapType(.socketStorage, name: "socket_storage", minimumKernel: "5.2")
    /// Longest-prefix match.
    public static let lpmTrie = mapType(.lpmTrie, name: "lpm_trie", minimumKernel: "4.11")
    /// Queues.
    public static let queue = mapType(.queue, name: "queue", minimumKernel: "4.20")
    /// Hash maps with a value for each CPU.
    public static let perCPUHash = mapType(.perCPUHash, name: "per_cpu_hash", minimumKernel: "4.6")

    /// Reading and writing many entries of a map with one call.
    public static let batchOperations = Feature("batch", "batch operations on maps", minimumKernel: "5.6") {
        Probe.batchOperations()
    }

    /// The kernel's type information.
    public static let btf = Feature(
        "btf", "type information (BTF)", minimumKernel: "5.4", option: "CONFIG_DEBUG_INFO_BTF=y"
    ) { Probe.btf() }

    /// A type of map.
    public static func mapType(_ type: MapType) -> Feature {
        mapType(type, name: "map_type_\(type.rawValue)", minimumKernel: type.minimumKernel ?? "newer")
    }

    private static func mapType(_ type: MapType, name: String, minimumKernel: String) -> Feature {
        Feature(name, "map type '\(type)'", minimumKernel: minimumKernel) { Probe.mapType(type) }
    }
}

/// The answer to whether something is there.
public enum Answer: Sendable, Equatable {
    /// It is there.
    case yes
    /// It isn't.
    case no
    /// It could not be found out, for the reason given.
    case unknown(String)
}
