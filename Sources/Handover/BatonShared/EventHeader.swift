// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// What each record of the ring buffer `events` begins with: which type it is. One buffer keeps all of them in order.
public struct EventHeader: Equatable, Sendable, BitwiseCopyable {
    /// `decision` or `phase`. A reader passes over kinds that it doesn't know.
    public var kind: UInt64

    /// Of one kind.
    @inline(__always)
    public init(kind: UInt64) { self.kind = kind }

    /// A `Decision` follows.
    @inline(__always) public static var decision: UInt64 { 1 }
    /// A `PhaseEvent` follows.
    @inline(__always) public static var phase: UInt64 { 2 }
}
