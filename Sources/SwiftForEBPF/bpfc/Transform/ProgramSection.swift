// SPDX-License-Identifier: Apache-2.0

/// The section of a program, in libbpf's words: `fentry.s/tcp_connect`, `?xdp`, `cgroup_skb/egress`.
struct ProgramSection {
    /// What kind of program it is, without `?` (not loaded unless asked for), `.s` (may sleep), `.w` (may write) and
    /// `.frags`, and under one name where libbpf knows two.
    let kind: String

    init(_ section: String) {
        let word = section.drop { $0 == "?" }.prefix { $0 != "/" }
        var kind = String(word)
        for ending in [".s", ".w", ".frags"] where kind.hasSuffix(ending) { kind.removeLast(ending.count) }
        self.kind = kind == "raw_tracepoint" ? "raw_tp" : kind
    }

    /// Whether such a program gets the arguments of a kernel function, as an array of 64-bit words. An iterator's context
    /// (`struct bpf_iter__tcp` and its like) is laid out in the same way.
    var hasArguments: Bool {
        ["fentry", "fexit", "fmod_ret", "tp_btf", "raw_tp", "lsm", "iter", "struct_ops"].contains(kind)
    }

    /// The structure that a program gets a pointer to.
    var context: String? {
        switch kind {
        case "sockops": "bpf_sock_ops"
        case "xdp": "xdp_md"
        case "cgroup_skb", "tc", "tcx", "classifier", "socket", "sk_skb": "__sk_buff"
        default: nil
        }
    }

    /// BPFKernel's types for contexts.
    static let contextTypes: Set = ["SockOps", "XDP", "CgroupSKB"]

    /// BPFKernel's type for the context, and for what such a program returns.
    var contextType: (name: String, result: String)? {
        switch kind {
        case "sockops": ("SockOps", "SockOps.Verdict")
        case "xdp": ("XDP", "XDP.Action")
        case "cgroup_skb": ("CgroupSKB", "CgroupSKB.Verdict")
        default: nil
        }
    }

    /// The type in the library BPF that user space has the program as; `nil` for parts of a struct_ops.
    var userType: String? {
        switch kind {
        case "sockops": "BPF.SockOpsProgram"
        case "cgroup_skb": "BPF.CgroupSKBProgram"
        case "xdp": "BPF.XDPProgram"
        case "fentry", "fexit", "fmod_ret", "tp_btf": "BPF.TracingProgram"
        case "raw_tp": "BPF.RawTracepointProgram"
        case "iter": "BPF.IteratorProgram"
        case "struct_ops": nil
        default: "BPF.AnyProgram"
        }
    }
}
