// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The beginning of each record of the ring buffer `events`: the type of the record. One buffer for all types keeps
/// them in order.
public struct EventHeader: Equatable, Sendable, BitwiseCopyable {
    /// `decision` or `phase`. A reader skips kinds that it doesn't know.
    public var kind: UInt64

    /// The header of a record of this kind.
    @inline(__always)
    public init(kind: UInt64) { self.kind = kind }

    /// A value of `kind`: the record is a `Decision`.
    @inline(__always) public static var decision: UInt64 { 1 }
    /// A value of `kind`: the record is a `PhaseEvent`.
    @inline(__always) public static var phase: UInt64 { 2 }
}
