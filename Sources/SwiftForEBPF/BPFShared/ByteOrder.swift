// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

// Swift has no big-endian target for eBPF, so the compiler's byte order is always little. `bpfc --endian big` defines
// BPF_BIG_ENDIAN for a big-endian kernel.

extension UInt16 {
    /// The value converted from or to network byte order (`htons`, `ntohs`).
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
    /// The value converted from or to network byte order (`htonl`, `ntohl`).
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
    /// The value converted from or to network byte order (`htobe64`, `be64toh`).
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
