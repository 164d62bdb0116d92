// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BatonShared

/// Negative errnos of <asm-generic/errno-base.h>, as `Decision.error` reports them.
enum Failure {
    /// `-ENOMEM`.
    @inline(__always) static var noMemory: Int32 { -12 }
    /// `-EBUSY`.
    @inline(__always) static var busy: Int32 { -16 }
    /// `-EINVAL`.
    @inline(__always) static var invalid: Int32 { -22 }
}

// Names of congestion controls as little-endian words: the first letter is the lowest byte.
extension CongestionControlName {
    /// `reno`, which every kernel has.
    @inline(__always) static var reno: CongestionControlName { CongestionControlName(low: 0x6f6e_6572) }
    /// Whether it is `cubic`.
    @inline(__always) var isCubic: Bool { low == 0x63_6962_7563 && high == 0 }
    /// Whether it is `bbr`, which uses no slow start threshold: it sets it to infinity when it starts.
    @inline(__always) var isBBR: Bool { low == 0x726262 && high == 0 }
    /// Whether it is a handover's own: `baton`, `baton_1`, …
    @inline(__always) var isBaton: Bool { low & 0xff_ffff_ffff == 0x6e_6f74_6162 }
}
