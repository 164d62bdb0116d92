// SPDX-License-Identifier: Apache-2.0

/// What a program is attached to, as the name of its section says.
public enum ProgramKind: Sendable, Equatable {
    /// `sockops`: events of the TCP connections of a cgroup.
    case sockOps
    /// `cgroup_skb/ingress`, `cgroup_skb/egress`: packets of a cgroup's sockets. `cgroup/skb`: of either direction.
    case cgroupSKB(CgroupSKBProgram.Direction?)
    /// `xdp`: packets of a network interface, before anything else.
    case xdp
    /// `fentry/NAME`, `fexit/NAME`, `tp_btf/NAME`: a function or tracepoint of the kernel.
    case tracing(function: String)
    /// `raw_tp/NAME`: a tracepoint of the kernel.
    case rawTracepoint(String)
    /// `iter/TARGET`: objects of the kernel, one after the other.
    case iterator(target: String)
    /// `struct_ops/…`: a function of a structure of functions.
    case structOps
    /// A section that this library has no type for.
    case other

    package init(section: String) {
        // libbpf leaves programs with a question mark out unless they are asked for.
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

/// A program as the object defines it, to be changed before it is loaded.
public struct ProgramSpec: Sendable {
    /// Its name in the source.
    public let name: String
    /// Its ELF section, which says what it is attached to.
    public let section: String
    /// What it is attached to.
    public let kind: ProgramKind
    /// `false` leaves the program out.
    public var isLoaded: Bool

    init(name: String, section: String) {
        self.name = name
        self.section = section
        kind = ProgramKind(section: section)
        isLoaded = section.first != "?"
    }
}
