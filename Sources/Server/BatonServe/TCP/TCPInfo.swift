// SPDX-License-Identifier: Apache-2.0

/// `struct tcp_info` of <linux/tcp.h>, up to the last field that is used here. New kernels only append fields; those
/// that an older kernel doesn't know stay 0.
struct TCPInfo: Sendable {
    var state: UInt8 = 0
    var congestionState: UInt8 = 0
    var retransmits: UInt8 = 0
    var probes: UInt8 = 0
    var backoff: UInt8 = 0
    var options: UInt8 = 0
    var windowScales: UInt8 = 0
    var flags: UInt8 = 0
    var retransmissionTimeout: UInt32 = 0
    var delayedAckTimeout: UInt32 = 0
    var sendMSS: UInt32 = 0
    var receiveMSS: UInt32 = 0
    var unacknowledged: UInt32 = 0
    var sacked: UInt32 = 0
    var lost: UInt32 = 0
    var retransmitted: UInt32 = 0
    var fackets: UInt32 = 0
    var lastDataSent: UInt32 = 0
    var lastAckSent: UInt32 = 0
    var lastDataReceived: UInt32 = 0
    var lastAckReceived: UInt32 = 0
    var pathMTU: UInt32 = 0
    var receiveThreshold: UInt32 = 0
    var rtt: UInt32 = 0
    var rttVariation: UInt32 = 0
    var slowStartThreshold: UInt32 = 0
    var congestionWindow: UInt32 = 0
    var advertisedMSS: UInt32 = 0
    var reordering: UInt32 = 0
    var receiveRTT: UInt32 = 0
    var receiveSpace: UInt32 = 0
    var totalRetransmitted: UInt32 = 0
    var pacingRate: UInt64 = 0
    var maximumPacingRate: UInt64 = 0
    var bytesAcknowledged: UInt64 = 0
    var bytesReceived: UInt64 = 0
    var segmentsSent: UInt32 = 0
    var segmentsReceived: UInt32 = 0
    var notSentBytes: UInt32 = 0
    var minimumRTT: UInt32 = 0
    var dataSegmentsReceived: UInt32 = 0
    var dataSegmentsSent: UInt32 = 0
    var deliveryRate: UInt64 = 0
    var busyTime: UInt64 = 0
    var receiveWindowLimited: UInt64 = 0
    var sendBufferLimited: UInt64 = 0
    var delivered: UInt32 = 0
    var deliveredWithMark: UInt32 = 0
    var bytesSent: UInt64 = 0
    var bytesRetransmitted: UInt64 = 0
}

/// The name of a congestion control, as the option TCP_CONGESTION returns it: up to 16 bytes, ended by a zero.
struct CongestionControlName: Sendable {
    private var bytes: (UInt64, UInt64) = (0, 0)

    var string: String {
        withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
