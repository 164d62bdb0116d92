// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// The largest window for this peer, bytes; 0: its network is excluded.
@inline(__always)
func windowLimit(for socket: SockOps, _ configuration: UnsafeMutablePointer<KernelConfiguration>) -> UInt64 {
    let maximum = configuration.pointee.maxWindowBytes
    guard let rule = rules[socket.remoteAddress] else { return maximum }
    return rule.pointee.maxWindowBytes < maximum ? rule.pointee.maxWindowBytes : maximum
}

/// Whether the gate is shut: under the gate `quiet`, whether the QUIC connection may still be sending.
@inline(__always)
func isGated(_ record: UnsafeMutablePointer<SavedParameters>, gate: UInt32, silence: UInt64) -> Bool {
    if gate == Gate.always.rawValue { return false }
    if gate != Gate.quiet.rawValue { return true }
    if record.pointee.hasFailed { return false }
    let srtts = UInt64(record.pointee.srttMicroseconds) &* 1000 &* Gate.quietSRTTs
    let floor = Gate.quietFloorNanoseconds
    return silence <= (srtts > floor ? srtts : floor)
}

/// Whether the handshake's RTT shows that this is another path. A handshake without an RTT sample counts as another
/// path: its SYN or SYN-ACK was retransmitted, or it used Fast Open or a SYN cookie. Then the path can't be compared
/// and the jump can't be paced, and a loss calls for caution anyway.
@inline(__always)
func isMismatch(_ event: inout Decision, _ configuration: UnsafeMutablePointer<KernelConfiguration>) -> Bool {
    let handshake = event.handshakeRTTMicroseconds
    if handshake == 0 { return true }
    let bounds = RTTBounds(saved: event.savedRTTMicroseconds, configuration)
    return handshake <= bounds.lowest || handshake > bounds.highest
}

/// The RTTs that count as the saved path's: above half of the saved RTT (RFC 9959 §3.2), and up to ten times as long
/// (§4.2.1), unless the operator sets other bounds.
struct RTTBounds {
    /// An RTT of at most this many microseconds is too short.
    let lowest: UInt32
    /// An RTT of more than this many microseconds is too long.
    let highest: UInt32

    /// - Parameter saved: the saved RTT, microseconds; 0: unknown, and any RTT is accepted.
    @inline(__always)
    init(saved: UInt32, _ configuration: UnsafeMutablePointer<KernelConfiguration>) {
        if saved == 0 {
            lowest = 0
            highest = .max
            return
        }
        lowest = RTTBounds.share(configuration.pointee.lowestRTTPercent, of: saved)
        highest = RTTBounds.share(configuration.pointee.highestRTTPercent, of: saved)
    }

    @inline(__always)
    private static func share(_ percent: UInt32, of saved: UInt32) -> UInt32 {
        let share = UInt64(saved) &* UInt64(percent) / 100
        return share < UInt64(UInt32.max) ? UInt32(truncatingIfNeeded: share) : .max
    }
}
