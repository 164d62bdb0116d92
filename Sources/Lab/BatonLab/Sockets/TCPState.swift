// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Measurements

extension clinux_tcp_state {
    /// TCP_INFINITE_SSTHRESH, include/net/tcp.h.
    private static let infiniteThreshold: UInt32 = 0x7FFF_FFFF

    /// In segments; nil: infinite, TCP's own initial value.
    var ssthresh: UInt32? { ssthresh_segments >= Self.infiniteThreshold ? nil : ssthresh_segments }

    /// The congestion control's name, such as `cubic`.
    var congestionControl: String {
        withUnsafeBytes(of: congestion_control) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The peer's address; IPv4 without the prefix of mapped addresses.
    var remoteAddress: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return withUnsafeBytes(of: remote_address) { bytes in
            let mapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            let start = mapped ? bytes.baseAddress?.advanced(by: 12) : bytes.baseAddress
            inet_ntop(mapped ? AF_INET : AF_INET6, start, &text, socklen_t(text.count))
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}

extension clinux_tcp_state {
    /// What distinguishes a server's connections.
    struct Peer: Hashable {
        let address: (UInt64, UInt64)
        let port: UInt16

        static func == (first: Peer, second: Peer) -> Bool {
            first.address == second.address && first.port == second.port
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(address.0)
            hasher.combine(address.1)
            hasher.combine(port)
        }
    }

    var peer: Peer {
        Peer(
            address: withUnsafeBytes(of: remote_address) {
                ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }, port: remote_port)
    }

    /// Whether two states of a connection are the same.
    func equals(_ other: clinux_tcp_state) -> Bool {
        cwnd_segments == other.cwnd_segments && ssthresh_segments == other.ssthresh_segments
            && mss_bytes == other.mss_bytes && rtt_microseconds == other.rtt_microseconds
            && segments_in_flight == other.segments_in_flight && retransmits == other.retransmits
            && pacing_bytes_per_second == other.pacing_bytes_per_second
            && delivery_bytes_per_second == other.delivery_bytes_per_second
            && bytes_acknowledged == other.bytes_acknowledged
            && withUnsafeBytes(of: congestion_control) { own in
                withUnsafeBytes(of: other.congestion_control) { own.elementsEqual($0) }
            }
    }
}

extension SocketState {
    /// - Parameter milliseconds: when it was read.
    init(_ state: clinux_tcp_state, milliseconds: Double) {
        self.init(
            milliseconds: milliseconds, remotePort: Int(state.remote_port), cwndSegments: Int64(state.cwnd_segments),
            ssthreshSegments: state.ssthresh.map(Int64.init),
            pacingBytesPerSecond: Int64(exactly: state.pacing_bytes_per_second),
            rttMicroseconds: Int64(state.rtt_microseconds),
            deliveryBytesPerSecond: Int64(clamping: state.delivery_bytes_per_second),
            segmentsInFlight: Int64(state.segments_in_flight), retransmits: Int64(state.retransmits),
            bytesAcknowledged: Int64(clamping: state.bytes_acknowledged), remoteAddress: state.remoteAddress,
            congestionControl: state.congestionControl)
    }
}
