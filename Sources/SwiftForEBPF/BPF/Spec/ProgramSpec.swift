// SPDX-License-Identifier: Apache-2.0

/// What a program is attached to, according to its section.
public enum ProgramKind: Sendable, Equatable {
    /// `sockops`: events of a cgroup's TCP connections.
    case sockOps
    /// `cgroup_skb/ingress`, `cgroup_skb/egress`: packets of a cgroup's sockets. `cgroup/skb`: without a direction,
    /// which is then `nil`.
    case cgroupSKB(CgroupSKBProgram.Direction?)
    /// `xdp`: packets of a network interface, before the network stack.
    case xdp
    /// `fentry/NAME`, `fexit/NAME`, `tp_btf/NAME`: a kernel function or tracepoint.
    case tracing(function: String)
    /// `raw_tp/NAME`: a kernel tracepoint.
    case rawTracepoint(String)
    /// `iter/TARGET`: kernel objects, one after the other.
    case iterator(target: String)
    /// `struct_ops/…`: one function of a struct_ops.
    case structOps
    /// A section of any other kind; its program is an `AnyProgram`.
    case other

    package init(section: String) {
        // libbpf loads a program whose section begins with a question mark only on request.
        let section = section.first == "?" ? section.dropFirst() : section[...]
        let slash = section.firstIndex(of: "/")
        let rest = slash.map { String(section[section.index(after: $0)...]) } ?? ""
        switch section[..<(slash ?? section.endIndex)] {
        case "sockops": self = .sockOps
        case "cgroup_skb": self = .cgroupSKB(rest == "ingress" ? .ingress : rest == "egress" ? .egress : nil)
        case "cgroup" where rest == "skb": self = .cgroupSKB(nil)
        case "xdp", "xdp.frags": self = .xdp
        case "fentry", "fentry.s", "fexit", "fexit.s", "fmod_ret", "fmod_ret.s", "tp_btf":
            self = .tracing(function: rest)
        case "raw_tp", "raw_tracepoint": self = .rawTracepoint(rest)
        case "iter", "iter.s": self = .iterator(target: rest)
        case "struct_ops", "struct_ops.s": self = .structOps
        default: self = .other
        }
    }
}

/// A program as the object defines it. It may be changed before the object is loaded.
public struct ProgramSpec: Sendable {
    /// Its name in the source.
    public let name: String
    /// Its ELF section, which says what it is attached to.
    public let section: String
    /// What it is attached to.
    public let kind: ProgramKind
    /// `false` leaves the program out. The default is `false` if its section begins with a question mark.
    public var isLoaded: Bool

    init(name: String, section: String) {
        self.name = name
        self.section = section
        kind = ProgramKind(section: section)
        isLoaded = section.first != "?"
    }
}
