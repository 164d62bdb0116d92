// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// Random bytes that an attacker can't predict.
enum Randomness {
    static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        guard gnutls_rnd(GNUTLS_RND_KEY, bytes.baseAddress, bytes.count) != 0 else { return }
        // GnuTLS fails only if the kernel gave it no entropy; then the system's generator is asked directly.
        var generator = SystemRandomNumberGenerator()
        for index in bytes.indices { bytes[index] = generator.next() }
    }

    static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }
}
