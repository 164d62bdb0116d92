// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore
import NIOPosix

/// Counts the packets that are proven to come from a peer.
///
/// `ngtcp2_conn_read_pkt` returns 0 both for a packet that it accepted and for one that it discarded, and nothing else
/// in its interface distinguishes the two. Only a packet of the peer passes authenticated decryption, so successful
/// decryptions are counted. The count is per thread, since the callback does not get the connection.
enum AuthenticatedPackets {
    // Sendable, because each thread sees only its own counter.
    private final class Counter: @unchecked Sendable {
        var value: UInt64 = 0
    }

    private static let counters = ThreadSpecificVariable<Counter>()

    private static var counter: Counter {
        if let counter = counters.currentValue { return counter }
        let counter = Counter()
        counters.currentValue = counter
        return counter
    }

    /// The packets of this thread so far.
    static var count: UInt64 { counter.value }

    /// ngtcp2's decryption, which also counts.
    static let decrypt: ngtcp2_decrypt = {
        destination, aead, context, ciphertext, ciphertextCount, nonce, nonceCount, additional, additionalCount in
        let status = ngtcp2_crypto_decrypt_cb(
            destination, aead, context, ciphertext, ciphertextCount, nonce, nonceCount, additional, additionalCount)
        if status == 0 { AuthenticatedPackets.counter.value &+= 1 }
        return status
    }
}
