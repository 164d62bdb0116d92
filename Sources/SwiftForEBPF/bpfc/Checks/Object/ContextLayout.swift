// SPDX-License-Identifier: Apache-2.0

/// The fields of a program's context. The verifier lets a program read each field only at the field's own width.
package struct ContextLayout: Equatable {
    package struct Field: Equatable {
        package var name: String
        package var offset: Int
        package var size: Int
        /// Whether a part of it may be read, or it together with its neighbour in the same array.
        package var isFree: Bool
    }

    /// The structure in `<linux/bpf.h>`.
    package let structure: String
    package let fields: [Field]
    /// Whether one or two bytes of a field may be read.
    let allowsNarrow: Bool

    /// - Parameter fields: the names in order. `sk:8` is a field of 8 bytes, `args[4]` are four fields of 4 bytes, and
    ///   `cb[5]*` may be read at any width.
    private init(_ structure: String, narrow: Bool, _ fields: String) {
        self.structure = structure
        allowsNarrow = narrow
        var list: [Field] = []
        var end = 0
        for word in fields.split(separator: " ") {
            let isFree = word.hasSuffix("*")
            let parts = word.split { ":*".contains($0) }
            let size = parts.count > 1 ? Int(parts[1]) ?? 4 : 4
            let name = parts[0].prefix { $0 != "[" }
            let count = Int(parts[0].dropFirst(name.count + 1).prefix { $0 != "]" })
            for index in 0..<(count ?? 1) {
                end = (end + size - 1) / size * size
                list.append(
                    Field(
                        name: count == nil ? String(name) : "\(name)[\(index)]", offset: end, size: size, isFree: isFree
                    ))
                end += size
            }
        }
        self.fields = list
    }

    package static func == (left: ContextLayout, right: ContextLayout) -> Bool { left.structure == right.structure }

    /// Why the verifier refuses a read or write; `nil` if no reason is known.
    func problem(offset: Int, size: Int) -> String? {
        let touched = fields.filter { $0.offset < offset + size && offset < $0.offset + $0.size }
        guard let first = touched.first, let last = touched.last, !touched.allSatisfy(\.isFree) else { return nil }
        if touched.count > 1 {
            let names = touched.map { "'\($0.name)'" }.joined(separator: " and ")
            return "accesses \(names) of the context in one access of \(size) bytes"
        }
        if size > last.size {
            return "accesses \(size) bytes at the context's field '\(first.name)', which has \(first.size)"
        }
        if size < first.size, !allowsNarrow, !first.isFree {
            return "accesses \(size) of the \(first.size) bytes of the context's field '\(first.name)'"
        }
        return nil
    }

    // MARK: Known contexts

    /// The context of a program in this section; `nil` if it is unknown or any access to it is allowed.
    static func of(section: String) -> ContextLayout? {
        let section = section.hasPrefix("?") ? section.dropFirst() : section[...]
        func begins(_ names: String...) -> Bool {
            names.contains { section == $0 || section.hasPrefix($0 + "/") || section.hasPrefix($0 + ".") }
        }
        if begins("sockops", "cgroup/sock_ops") { return socketOperations }
        if begins("xdp") { return xdp }
        if begins("cgroup_skb", "cgroup/skb", "tc", "tcx", "classifier", "action", "netkit", "socket", "sk_skb") {
            return packet
        }
        if begins("cgroup/getsockopt", "cgroup/setsockopt") { return socketOption }
        if begins("sk_msg") { return message }
        if begins("sk_lookup") { return lookup }
        if begins("cgroup/sock", "cgroup/sock_create", "cgroup/sock_release", "cgroup/post_bind4", "cgroup/post_bind6")
        {
            return socket
        }
        let addresses = ["bind", "connect", "sendmsg", "recvmsg", "getpeername", "getsockname"]
        if addresses.contains(where: { begins("cgroup/\($0)4", "cgroup/\($0)6") }) { return address }
        return nil
    }

    package static let all = [socketOperations, xdp, packet, socketOption, message, lookup, socket, address]

    static let socketOperations = ContextLayout(
        "bpf_sock_ops", narrow: false,
        """
        op args[4] family remote_ip4 local_ip4 remote_ip6[4] local_ip6[4] remote_port local_port is_fullsock snd_cwnd \
        srtt_us bpf_sock_ops_cb_flags state rtt_min snd_ssthresh rcv_nxt snd_nxt snd_una mss_cache ecn_flags \
        rate_delivered rate_interval_us packets_out retrans_out total_retrans segs_in data_segs_in segs_out \
        data_segs_out lost_out sacked_out sk_txhash bytes_received:8 bytes_acked:8 sk:8 skb_data:8 skb_data_end:8 \
        skb_len skb_tcp_flags* skb_hwtstamp:8
        """)
    static let xdp = ContextLayout(
        "xdp_md", narrow: false, "data data_end data_meta ingress_ifindex rx_queue_index egress_ifindex")
    static let packet = ContextLayout(
        "__sk_buff", narrow: true,
        """
        len pkt_type mark queue_mapping protocol vlan_present vlan_tci vlan_proto priority ingress_ifindex ifindex \
        tc_index cb[5]* hash tc_classid data data_end napi_id family remote_ip4 local_ip4 remote_ip6[4] local_ip6[4] \
        remote_port local_port data_meta flow_keys:8 tstamp:8 wire_len gso_segs sk:8 gso_size
        """)
    static let socketOption = ContextLayout(
        "bpf_sockopt", narrow: false, "sk:8 optval:8 optval_end:8 level optname optlen retval")
    static let message = ContextLayout(
        "sk_msg_md", narrow: false,
        """
        data:8 data_end:8 family remote_ip4 local_ip4 remote_ip6[4] local_ip6[4] remote_port local_port size sk:8
        """)
    static let lookup = ContextLayout(
        "bpf_sk_lookup", narrow: true,
        """
        sk:8 family protocol remote_ip4 remote_ip6[4] remote_port* local_ip4 local_ip6[4] local_port ingress_ifindex
        """)
    static let socket = ContextLayout(
        "bpf_sock", narrow: true,
        """
        bound_dev_if family type protocol mark priority src_ip4 src_ip6[4] src_port dst_port* dst_ip4 dst_ip6[4] state \
        rx_queue_mapping
        """)
    static let address = ContextLayout(
        "bpf_sock_addr", narrow: true,
        """
        user_family user_ip4 user_ip6[4]* user_port family type protocol msg_src_ip4 msg_src_ip6[4]* sk:8
        """)
}
