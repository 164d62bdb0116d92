// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore
import NIOPosix

/// Counts the packets that proved to come from a peer.
///
/// `ngtcp2_conn_read_pkt` answers 0 for a packet that it discarded as well as for one that it accepted, and nothing
/// else in its interface tells the two apart. Only a packet of the peer's passes authenticated decryption, so that is
/// what is counted: for each thread, since the callback is not told the connection.
enum AuthenticatedPackets {
    // Sendable, as each thread only ever sees its own.
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

    /// How many there were on this thread.
    static var count: UInt64 { counter.value }

    /// ngtcp2's decryption, counting.
    static let decrypt: ngtcp2_decrypt = {
        destination, aead, context, ciphertext, ciphertextCount, nonce, nonceCount, additional, additionalCount in
        let status = ngtcp2_crypto_decrypt_cb(
            destination, aead, context, ciphertext, ciphertextCount, nonce, nonceCount, additional, additionalCount)
        if status == 0 { AuthenticatedPackets.counter.value &+= 1 }
        return status
    }
}
