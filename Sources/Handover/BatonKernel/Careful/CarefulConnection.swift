// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// The state of Careful Resume for a connection, in its socket storage. Windows are in segments, as in the kernel.
struct CarefulConnection {
    /// The claim to the record that the connection uses.
    var claim: Claim
    /// `SO_COOKIE`.
    var cookie: UInt64
    /// RFC 9959's `saved_cwnd`, bytes.
    var savedCwndBytes: UInt64
    /// When the record's lifetime passes, `Clock.nanoseconds`.
    var expiresAtNanoseconds: UInt64
    /// When the flight began in which the jump began, `Clock.nanoseconds`.
    var jumpedAtNanoseconds: UInt64
    /// The socket's own control, which it gets back.
    var previousControl: CongestionControlName

    /// `Phase`.
    var phase: UInt32
    /// RFC 9959's `saved_rtt`; 0: unknown.
    var savedRTTMicroseconds: UInt32
    /// `RTTBounds`: RTTs above the lowest, and not above the highest, belong to the saved path.
    var lowestRTTMicroseconds: UInt32
    var highestRTTMicroseconds: UInt32
    /// Ports in host byte order.
    var remotePort: UInt32
    var localPort: UInt32
    /// The maximum segment size when the connection was resumed (`SockOps`), bytes.
    var maximumSegmentSize: UInt32

    /// The kernel's own initial window.
    var initialWindow: UInt32
    /// The window that TCP would have without the jump; followed until the jump begins.
    var ordinaryWindow: UInt32
    /// RFC 9959's `jump_cwnd`.
    var jumpWindow: UInt32
    /// 1 once the jump window is open. The jump begins when more is sent than the ordinary window allows.
    var isOpen: UInt32
    /// The slow start threshold once the jump has been sent; 0: TCP's own.
    var ssthreshSegments: UInt32
    /// RFC 9959's PipeSize.
    var pipeSize: UInt32
    /// RFC 9959's Beta, percent.
    var betaPercent: UInt32

    /// The `CongestionState` that the kernel last reported.
    var congestionState: UInt32
    /// 1 once the kernel has reduced the window, even if that ended within one acknowledgement (of a tail loss probe).
    var wasReduced: UInt32
    /// The socket's counters `delivered`, `delivered_ce` and `lost`, as they were read last.
    var delivered: UInt32
    var deliveredCE: UInt32
    var lost: UInt32
    /// How many RTT samples in a row showed a queue.
    var queueingSamples: UInt32
    /// The `sk_pacing_status` to restore.
    var previousPacingStatus: UInt32

    /// Sequence number of the connection's first byte.
    var firstByte: UInt32
    /// `snd_una` as it was read last.
    var acknowledged: UInt32
    /// Sequence number of the first packet of the jump.
    var firstUnvalidated: UInt32
    /// Sequence number after the last packet of the jump.
    var lastUnvalidated: UInt32

    /// What the connection finds the path to carry, once it is in the Normal Phase.
    var observation: Observation
}

/// The Careful Resume state of a socket, in place.
typealias Connection = UnsafeMutablePointer<CarefulConnection>

extension CarefulConnection {
    /// How many segments were delivered since the last call.
    @inline(__always)
    mutating func newlyDelivered(_ socket: TCPSocket) -> UInt32 {
        let total: UInt32 = socket.delivered
        let new = total &- delivered
        delivered = total
        return new
    }

    /// Whether an RTT belongs to the saved path (RFC 9959 §3.2, §4.2.1).
    @inline(__always)
    func isConfirmed(rttMicroseconds: UInt32) -> Bool {
        rttMicroseconds > lowestRTTMicroseconds && rttMicroseconds <= highestRTTMicroseconds
    }

    /// Beta of a window, at least two segments (RFC 5681 §3.1).
    @inline(__always)
    func reduced(_ window: UInt32) -> UInt32 {
        let kept = UInt32(truncatingIfNeeded: UInt64(window) &* UInt64(betaPercent) / 100)
        return kept > 2 ? kept : 2
    }

    /// The sign of congestion that the connection has seen, if any: a CE mark or a loss.
    @inline(__always)
    func congestion(_ socket: TCPSocket) -> Trigger? {
        let marked: UInt32 = socket.delivered_ce
        if marked != deliveredCE { return .ecnCE }
        let lost: UInt32 = socket.lost
        if lost != self.lost || wasReduced != 0 { return .packetLoss }
        return nil
    }
}

/// Whether sequence number `a` comes after `b` (`after()` of the kernel's net/tcp.h).
@inline(__always)
func isAfter(_ a: UInt32, _ b: UInt32) -> Bool { Int32(bitPattern: a &- b) > 0 }
