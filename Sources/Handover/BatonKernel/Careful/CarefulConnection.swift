// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// What Careful Resume knows of a connection, in its socket's storage. Windows are in segments, as the kernel has them.
struct CarefulConnection {
    /// The record that it uses.
    var claim: Claim
    /// `SO_COOKIE`.
    var cookie: UInt64
    /// RFC 9959's `saved_cwnd`, bytes.
    var savedCwndBytes: UInt64
    /// When the record's lifetime passes, `Clock.nanoseconds`.
    var expiresAtNanoseconds: UInt64
    /// When the flight began with which the jump began.
    var jumpedAtNanoseconds: UInt64
    /// The control that the socket had, and gets back.
    var previousControl: CongestionControlName

    /// `Phase`.
    var phase: UInt32
    /// RFC 9959's `saved_rtt`; 0: unknown.
    var savedRTTMicroseconds: UInt32
    /// RTTs between these two are the saved one's path, microseconds; 0 and all ones without a saved RTT.
    var lowestRTTMicroseconds: UInt32
    var highestRTTMicroseconds: UInt32
    /// Host byte order.
    var remotePort: UInt32
    var localPort: UInt32
    /// `SockOps`'s maximum segment size when the connection was resumed, bytes.
    var maximumSegmentSize: UInt32

    /// The kernel's own initial window.
    var initialWindow: UInt32
    /// The window that TCP would have without the jump: until the jump.
    var ordinaryWindow: UInt32
    /// RFC 9959's `jump_cwnd`.
    var jumpWindow: UInt32
    /// 1 once the jump window is open. The jump begins when more is sent than the ordinary window would let out.
    var isOpen: UInt32
    /// Slow start threshold once the jump is on its way; 0: TCP's own.
    var ssthreshSegments: UInt32
    /// RFC 9959's PipeSize.
    var pipeSize: UInt32
    /// RFC 9959's Beta, per cent.
    var betaPercent: UInt32

    /// `CongestionState`, as the kernel last said.
    var congestionState: UInt32
    /// 1 once the kernel reduced the window, also if that was over within one acknowledgement (a tail loss probe's).
    var wasReduced: UInt32
    /// The socket's counters as they were last: `delivered`, `delivered_ce`, `lost`.
    var delivered: UInt32
    var deliveredCE: UInt32
    var lost: UInt32
    /// How many RTT samples in a row showed a queue.
    var queueingSamples: UInt32
    /// `sk_pacing_status` to go back to.
    var previousPacingStatus: UInt32

    /// Sequence number of the connection's first byte.
    var firstByte: UInt32
    /// `snd_una` as it was last.
    var acknowledged: UInt32
    /// Sequence number of the first packet of the jump.
    var firstUnvalidated: UInt32
    /// Sequence number behind the last packet of the jump.
    var lastUnvalidated: UInt32

    /// What the connection itself finds the path to carry, once it is in the Normal Phase.
    var observation: Observation
}

/// The Careful Resume state of a socket, in place.
typealias Connection = UnsafeMutablePointer<CarefulConnection>

extension CarefulConnection {
    /// How many segments were newly delivered since the last call.
    @inline(__always)
    mutating func newlyDelivered(_ socket: TCPSocket) -> UInt32 {
        let total: UInt32 = socket.delivered
        let new = total &- delivered
        delivered = total
        return new
    }

    /// Whether an RTT is that of the saved path (RFC 9959 §3.2, §4.2.1).
    @inline(__always)
    func isConfirmed(rttMicroseconds: UInt32) -> Bool {
        rttMicroseconds > lowestRTTMicroseconds && rttMicroseconds <= highestRTTMicroseconds
    }

    /// A share of a window, at least two segments (RFC 5681 §3.1).
    @inline(__always)
    func reduced(_ window: UInt32) -> UInt32 {
        let kept = UInt32(truncatingIfNeeded: UInt64(window) &* UInt64(betaPercent) / 100)
        return kept > 2 ? kept : 2
    }

    /// Why the connection has to hold the network for congested, if it has to.
    @inline(__always)
    func congestion(_ socket: TCPSocket) -> Trigger? {
        let marked: UInt32 = socket.delivered_ce
        if marked != deliveredCE { return .ecnCE }
        let lost: UInt32 = socket.lost
        if lost != self.lost || wasReduced != 0 { return .packetLoss }
        return nil
    }
}

/// Whether sequence number `a` lies behind `b` (`after()` of the kernel's net/tcp.h).
@inline(__always)
func isAfter(_ a: UInt32, _ b: UInt32) -> Bool { Int32(bitPattern: a &- b) > 0 }
