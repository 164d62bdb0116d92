// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// Whether an RTT shows a queue: it is longer than the minimum RTT by at least an eighth of that; the eighth counts as
/// no less than 4 ms and no more than 16 ms (RFC 9406 §4.2).
///
/// - Parameters:
///   - rtt: microseconds.
///   - smallest: the path's minimum RTT, microseconds.
@inline(__always)
public func isQueueing(_ rtt: UInt32, smallest: UInt32) -> Bool {
    let eighth = smallest >> 3
    let threshold: UInt32 = eighth < 4000 ? 4000 : eighth > 16_000 ? 16_000 : eighth
    return UInt64(rtt) >= UInt64(smallest) &+ UInt64(threshold)
}

extension KernelConfiguration {
    /// The smallest window that is saved, or used for a jump: the operator's setting, or four initial windows
    /// (RFC 9959 §3.1).
    ///
    /// - Parameter initialWindowBytes: the connection's own initial window.
    @inline(__always)
    public func smallestWindowBytes(initialWindowBytes: UInt64) -> UInt64 {
        minimumWindowBytes != 0 ? minimumWindowBytes : 4 &* initialWindowBytes
    }
}
