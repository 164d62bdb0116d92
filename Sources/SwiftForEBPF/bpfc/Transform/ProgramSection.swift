// SPDX-License-Identifier: Apache-2.0

/// The section of a program, as libbpf names it: `fentry.s/tcp_connect`, `?xdp`, `cgroup_skb/egress`.
struct ProgramSection {
    /// The kind of program, without `?` (loaded only on request), `.s` (may sleep), `.w` (may write) and `.frags`.
    /// Where libbpf has two names for a kind, this is always the same one.
    let kind: String

    init(_ section: String) {
        let word = section.drop { $0 == "?" }.prefix { $0 != "/" }
        var kind = String(word)
        for ending in [".s", ".w", ".frags"] where kind.hasSuffix(ending) { kind.removeLast(ending.count) }
        self.kind = kind == "raw_tracepoint" ? "raw_tp" : kind
    }

    /// Whether such a program gets the arguments of a kernel function as an array of 64-bit words. The context of an
    /// iterator (for example `struct bpf_iter__tcp`) has the same layout.
    var hasArguments: Bool {
        ["fentry", "fexit", "fmod_ret", "tp_btf", "raw_tp", "lsm", "iter", "struct_ops"].contains(kind)
    }

    /// The structure that the program's context pointer points at.
    var context: String? {
        switch kind {
        case "sockops": "bpf_sock_ops"
        case "xdp": "xdp_md"
        case "cgroup_skb", "tc", "tcx", "classifier", "socket", "sk_skb": "__sk_buff"
        default: nil
        }
    }

    /// BPFKernel's context types.
    static let contextTypes: Set = ["SockOps", "XDP", "CgroupSKB"]

    /// BPFKernel's type of the context, and of the result.
    var contextType: (name: String, result: String)? {
        switch kind {
        case "sockops": ("SockOps", "SockOps.Verdict")
        case "xdp": ("XDP", "XDP.Action")
        case "cgroup_skb": ("CgroupSKB", "CgroupSKB.Verdict")
        default: nil
        }
    }

    /// The program's type in the library BPF; `nil` for functions of a struct_ops.
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
