// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

// A kernel of the other byte order than the compiler's target is told by bpfc (`--endian big`): Swift has no big-endian
// target to compile for.

extension UInt16 {
    /// From or to network byte order (`htons`).
    public var networkOrder: UInt16 {
        @inline(__always) get {
            #if BPF_BIG_ENDIAN
                return self
            #else
                return bigEndian
            #endif
        }
    }
}

extension UInt32 {
    /// From or to network byte order (`htonl`).
    public var networkOrder: UInt32 {
        @inline(__always) get {
            #if BPF_BIG_ENDIAN
                return self
            #else
                return bigEndian
            #endif
        }
    }
}

extension UInt64 {
    /// From or to network byte order.
    public var networkOrder: UInt64 {
        @inline(__always) get {
            #if BPF_BIG_ENDIAN
                return self
            #else
                return bigEndian
            #endif
        }
    }
}
