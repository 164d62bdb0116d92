// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// Decides when a connection's state makes a sample, and when the connection is silent.
///
/// ngtcp2 does not report how many probe timeouts have passed, so they are derived. The timer of RFC 9002, section 6.2,
/// fires one probe timeout after the last ack-eliciting packet, and each further time after twice as long. So an expiry
/// counts as a probe timeout if bytes are in flight and if the time since the last transmission is at least the probe
/// timeout, doubled once for each probe timeout before it. Pacing and acknowledgement timers fire sooner. A packet from
/// the peer sets the count to 0.
struct TransportMonitor {
    /// The least time between two periodic samples, in nanoseconds.
    static let interval: UInt64 = 100_000_000
    /// How many probe timeouts in a row make a connection silent.
    static let silentAfter = 2

    /// The last values of ngtcp2 that are valid.
    private(set) var values: RecoveryState?
    private(set) var lastHeard: UInt64 = 0
    var carried = CarriedBytes()
    private(set) var probeTimeouts = 0
    private var lastSent: UInt64 = 0
    private var lastPublished: UInt64 = 0

    var isSilent: Bool { probeTimeouts >= Self.silentAfter }

    /// Keeps what ngtcp2 reports, if it is valid. It is not valid
    ///
    /// - before the first round-trip time was measured: the minimum is then the largest number, the smoothed one is a
    ///   guess;
    /// - while probe timeouts pass;
    /// - when the window is below the slow start threshold. With CUBIC a loss sets both to the same value. Only
    ///   persistent congestion reduces the window further, to two datagrams, from where it has to grow again.
    mutating func update(_ info: ngtcp2_conn_info) {
        guard info.min_rtt != UInt64.max, probeTimeouts == 0 else { return }
        let hasCollapsed = info.ssthresh != UInt64.max && info.cwnd < info.ssthresh
        guard !hasCollapsed || values == nil else { return }
        values = RecoveryState(
            congestionWindowBytes: info.cwnd,
            slowStartThresholdBytes: info.ssthresh == UInt64.max ? nil : info.ssthresh,
            latestRTTNanoseconds: info.latest_rtt,
            smoothedRTTNanoseconds: info.smoothed_rtt,
            minimumRTTNanoseconds: info.min_rtt,
            bytesInFlight: info.bytes_in_flight)
    }

    /// A packet came from the peer. Returns whether the peer had been silent.
    mutating func heard(at time: UInt64) -> Bool {
        defer { probeTimeouts = 0 }
        lastHeard = time
        return isSilent
    }

    /// Something was sent.
    mutating func sent(at time: UInt64) { lastSent = time }

    /// A timer of ngtcp2 expired. Returns whether it was a probe timeout and the connection is silent now.
    ///
    /// - Parameters:
    ///   - bytesInFlight: before the expiry was handled.
    ///   - probeTimeout: ngtcp2's value without backoff, in nanoseconds.
    mutating func expired(at time: UInt64, bytesInFlight: UInt64, probeTimeout: UInt64) -> Bool {
        guard bytesInFlight > 0 else { return false }
        // A timer may fire a millisecond early, since both sides of the comparison are rounded.
        let wait = probeTimeout << UInt64(min(probeTimeouts, 16))
        guard time &+ 1_000_000 >= lastSent &+ wait else { return false }
        probeTimeouts += 1
        return isSilent
    }

    /// Returns whether a periodic sample is due, and if so counts it as made.
    mutating func isDue(at time: UInt64) -> Bool {
        guard time &- lastPublished >= Self.interval else { return false }
        lastPublished = time
        return true
    }

    /// A sample was made for another reason.
    mutating func published(at time: UInt64) { lastPublished = time }
}
