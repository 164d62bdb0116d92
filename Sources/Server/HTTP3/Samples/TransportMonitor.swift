// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// Decides when a connection's state is worth a sample, and what "silent" means.
///
/// ngtcp2 does not tell how many probe timeouts have passed, so they are derived: the loss timer of RFC 9002, section
/// 6.2, fires one probe timeout after the last ack-eliciting packet, and after twice as long each further time. An
/// expiry that is handled while bytes are in flight, no sooner after the last transmission than the timeout doubled as
/// often as it fired before, is such a probe timeout; pacing and acknowledgement timers come sooner. Hearing the peer
/// begins anew.
struct TransportMonitor {
    /// The least time between two periodic samples, in nanoseconds.
    static let interval: UInt64 = 100_000_000
    /// How many probe timeouts in a row make a connection silent.
    static let silentAfter = 2

    /// What ngtcp2 knew when it was last worth believing.
    struct Values: Equatable {
        var congestionWindowBytes: UInt64
        var slowStartThresholdBytes: UInt64?
        var latestRTTNanoseconds: UInt64
        var smoothedRTTNanoseconds: UInt64
        var minimumRTTNanoseconds: UInt64
        var bytesInFlight: UInt64
    }

    private(set) var values: Values?
    private(set) var lastHeard: UInt64 = 0
    var carried = CarriedBytes()
    private(set) var probeTimeouts = 0
    private var lastSent: UInt64 = 0
    private var lastPublished: UInt64 = 0

    var isSilent: Bool { probeTimeouts >= Self.silentAfter }

    /// Takes over what ngtcp2 reports, if it is good.
    ///
    /// Not good is a report before the first round-trip time was measured (its smallest one is then the largest number,
    /// its smoothed one a guess), and one made while the peer is silent. Nor is one whose window is below the slow
    /// start threshold: with CUBIC a loss sets both to the same, and only persistent congestion takes the window
    /// further down, to two datagrams, from where it has to find its way back.
    mutating func update(_ info: ngtcp2_conn_info) {
        guard info.min_rtt != UInt64.max, probeTimeouts == 0 else { return }
        let hasCollapsed = info.ssthresh != UInt64.max && info.cwnd < info.ssthresh
        guard !hasCollapsed || values == nil else { return }
        values = Values(
            congestionWindowBytes: info.cwnd,
            slowStartThresholdBytes: info.ssthresh == UInt64.max ? nil : info.ssthresh,
            latestRTTNanoseconds: info.latest_rtt,
            smoothedRTTNanoseconds: info.smoothed_rtt,
            minimumRTTNanoseconds: info.min_rtt,
            bytesInFlight: info.bytes_in_flight)
    }

    /// The peer was heard. Answers whether it had been silent.
    mutating func heard(at time: UInt64) -> Bool {
        defer { probeTimeouts = 0 }
        lastHeard = time
        return isSilent
    }

    /// Something was sent.
    mutating func sent(at time: UInt64) { lastSent = time }

    /// A timer of ngtcp2's expired. Answers whether it was a probe timeout by which the connection is silent.
    ///
    /// - Parameters:
    ///   - bytesInFlight: as of before the expiry was handled.
    ///   - probeTimeout: ngtcp2's, without backoff, in nanoseconds.
    mutating func expired(at time: UInt64, bytesInFlight: UInt64, probeTimeout: UInt64) -> Bool {
        guard bytesInFlight > 0 else { return false }
        // Timers may be a millisecond early, since both ends of the comparison were rounded.
        let wait = probeTimeout << UInt64(min(probeTimeouts, 16))
        guard time &+ 1_000_000 >= lastSent &+ wait else { return false }
        probeTimeouts += 1
        return isSilent
    }

    /// Whether a periodic sample is due; if so it counts as made.
    mutating func isDue(at time: UInt64) -> Bool {
        guard time &- lastPublished >= Self.interval else { return false }
        lastPublished = time
        return true
    }

    /// A sample was made out of turn.
    mutating func published(at time: UInt64) { lastPublished = time }
}
