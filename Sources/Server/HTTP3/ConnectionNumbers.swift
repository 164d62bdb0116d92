// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Numbers for connections, unique in this process.
enum ConnectionNumbers {
    private static let last = NIOLockedValueBox<UInt64>(0)

    static func next() -> UInt64 {
        last.withLockedValue {
            $0 += 1
            return $0
        }
    }
}
