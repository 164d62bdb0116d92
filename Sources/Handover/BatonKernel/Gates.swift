// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// The largest window for this peer, bytes; 0: its network is left alone.
@inline(__always)
func windowLimit(for socket: SockOps, _ configuration: UnsafeMutablePointer<KernelConfiguration>) -> UInt64 {
    let maximum = configuration.pointee.maxWindowBytes
    guard let rule = rules[socket.remoteAddress] else { return maximum }
    return rule.pointee.maxWindowBytes < maximum ? rule.pointee.maxWindowBytes : maximum
}

/// Whether the QUIC connection may still be sending.
@inline(__always)
func isGated(_ record: UnsafeMutablePointer<SavedParameters>, gate: UInt32, silence: UInt64) -> Bool {
    if gate == Gate.always.rawValue { return false }
    if gate != Gate.quiet.rawValue { return true }
    if record.pointee.hasFailed { return false }
    let srtts = UInt64(record.pointee.srttMicroseconds) &* 1000 &* Gate.quietSRTTs
    let floor = Gate.quietFloorNanoseconds
    return silence <= (srtts > floor ? srtts : floor)
}

/// Whether the handshake's RTT says that this is another path. So does a handshake without a sample (its SYN or SYN-ACK was
/// retransmitted, or it used Fast Open or a SYN cookie): then the path can't be compared nor the jump paced, and a loss calls
/// for caution anyway.
@inline(__always)
func isMismatch(_ event: inout Decision, _ configuration: UnsafeMutablePointer<KernelConfiguration>) -> Bool {
    let handshake = event.handshakeRTTMicroseconds
    if handshake == 0 { return true }
    let bounds = RTTBounds(saved: event.savedRTTMicroseconds, configuration)
    return handshake <= bounds.lowest || handshake > bounds.highest
}

/// Between which RTTs a path is taken for the saved one: above half of the saved RTT (RFC 9959 §3.2), and up to ten times
/// as long (§4.2.1), unless the operator says otherwise.
struct RTTBounds {
    /// Microseconds; an RTT of so much is too short.
    let lowest: UInt32
    /// Microseconds; an RTT of more is too long.
    let highest: UInt32

    /// - Parameter saved: microseconds; 0: unknown, any RTT will do.
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
