// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// Whether an RTT shows a queue: longer than the smallest one by an eighth of it, but by 4 ms at least and 16 ms at most
/// (RFC 9406 §4.2).
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
    /// The smallest window that is saved, or used for a jump, bytes: the operator's, or four initial windows
    /// (RFC 9959 §3.1).
    ///
    /// - Parameter initialWindowBytes: the connection's own initial window.
    @inline(__always)
    public func smallestWindowBytes(initialWindowBytes: UInt64) -> UInt64 {
        minimumWindowBytes != 0 ? minimumWindowBytes : 4 &* initialWindowBytes
    }
}
