// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore

/// Address validation by Retry (RFC 9000, section 8.1.2).
enum RetryToken {
    /// What the token of an Initial packet proves.
    enum Verdict {
        case absent
        case forged
        /// The client owns its address. This is the connection ID that it had chosen first.
        case valid(ngtcp2_cid)
    }

    /// How long a client has to come back with a token, in nanoseconds.
    private static let lifetime: UInt64 = 10_000_000_000

    static func check(_ header: ngtcp2_pkt_hd, from remote: SocketAddress, secret: [UInt8]) -> Verdict {
        guard header.tokenlen > 0, header.token?.pointee == UInt8(NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2) else {
            return .absent
        }
        var original = ngtcp2_cid()
        var destination = header.dcid
        let status = remote.withSockAddr { address, length in
            ngtcp2_crypto_verify_retry_token2(
                &original, header.token, header.tokenlen, secret, secret.count, header.version, address,
                ngtcp2_socklen(length), &destination, lifetime, MonotonicClock.now())
        }
        return status == 0 ? .valid(original) : .forged
    }

    /// Writes a Retry packet. Returns its length, 0 if that fails.
    static func retry(
        _ header: ngtcp2_pkt_hd, to remote: SocketAddress, secret: [UInt8],
        into space: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var header = header
        var source = ngtcp2_cid.random()
        // NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2 is a sum of sizeof, which Swift doesn't import; 256 is more.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { token in
            let count = remote.withSockAddr { address, length in
                ngtcp2_crypto_generate_retry_token2(
                    token.baseAddress, secret, secret.count, header.version, address, ngtcp2_socklen(length), &source,
                    &header.dcid, MonotonicClock.now())
            }
            guard count > 0 else { return 0 }
            return max(
                0,
                ngtcp2_crypto_write_retry(
                    space.baseAddress, space.count, header.version, &header.scid, &source, &header.dcid,
                    token.baseAddress, count))
        }
    }
}
