// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// A QUIC connection ID (RFC 9000, section 5.1) of at most 20 bytes, as a key that needs no allocation.
struct ConnectionID: Hashable, Sendable {
    /// The length of the IDs that this server issues, in bytes.
    static let issuedLength = 16

    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt32 = 0
    private(set) var count: UInt8 = 0

    /// The ID in `bytes`; nil if it is longer than QUIC version 1 allows.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Int(NGTCP2_MAX_CIDLEN) else { return nil }
        count = UInt8(truncatingIfNeeded: bytes.count)
        withUnsafeMutableBytes(of: &first) { $0.copyBytes(from: bytes.prefix(8)) }
        withUnsafeMutableBytes(of: &second) { $0.copyBytes(from: bytes.dropFirst(8).prefix(8)) }
        withUnsafeMutableBytes(of: &third) { $0.copyBytes(from: bytes.dropFirst(16)) }
    }

    init?(_ cid: ngtcp2_cid) {
        let count = cid.datalen
        guard let id = withUnsafeBytes(of: cid.data, { Self(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) })
        else {
            return nil
        }
        self = id
    }

    init?(_ start: UnsafePointer<UInt8>?, count: Int) {
        self.init(UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension ngtcp2_cid {
    /// A new random ID.
    static func random(count: Int = ConnectionID.issuedLength) -> ngtcp2_cid {
        var cid = ngtcp2_cid()
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { bytes in
            Randomness.fill(UnsafeMutableRawBufferPointer(bytes))
            ngtcp2_cid_init(&cid, bytes.baseAddress, count)
        }
        return cid
    }
}
