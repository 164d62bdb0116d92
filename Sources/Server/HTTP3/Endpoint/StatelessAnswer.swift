// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// Packets that are sent without a connection. Each function returns how many bytes it wrote, 0 for none.
enum StatelessAnswer {
    /// The smallest datagram that may open a connection, in bytes (RFC 9000, section 14.1).
    private static let minimumInitialBytes = 1200

    /// Version Negotiation (RFC 9000, section 6.1): this server speaks version 1.
    static func versionNegotiation(
        _ version: ngtcp2_version_cid, datagramBytes: Int, into space: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        guard datagramBytes >= minimumInitialBytes else { return 0 }
        // A reserved version makes sure that clients ignore versions that they don't know (RFC 9000, section 15).
        let versions: [UInt32] = [0x1a2a_3a4a, UInt32(NGTCP2_PROTO_VER_V1)]
        return ngtcp2_pkt_write_version_negotiation(
            space.baseAddress, space.count, UInt8.random(in: 0...127), version.scid, version.scidlen, version.dcid,
            version.dcidlen, versions, versions.count)
    }

    /// CONNECTION_CLOSE in an Initial packet.
    static func close(_ header: ngtcp2_pkt_hd, code: UInt64, into space: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var header = header
        return ngtcp2_crypto_write_connection_close(
            space.baseAddress, space.count, header.version, &header.scid, &header.dcid, code, nil, 0)
    }

    /// A Stateless Reset. It is shorter than the packet that caused it, so that two servers don't reset each other for
    /// ever.
    static func reset(
        _ token: UnsafePointer<UInt8>?, datagramBytes: Int, into space: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        let tokenBytes = Int(NGTCP2_STATELESS_RESET_TOKENLEN)
        let minimum = 5
        guard datagramBytes > tokenBytes + minimum + 1 else { return 0 }
        let random = Randomness.bytes(min(datagramBytes - tokenBytes - 1, 22))
        return max(0, ngtcp2_pkt_write_stateless_reset(space.baseAddress, space.count, token, random, random.count))
    }
}
