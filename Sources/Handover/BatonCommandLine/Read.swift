// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
package import Baton
package import BatonShared
import Foundation

/// Reads the values of options and arguments. Each error says what was expected.
package enum Read {
    /// The largest window or threshold that is accepted, bytes: 1 TiB.
    package static let maximumBytes: UInt64 = 1 << 40

    package static func bytes(_ text: String) throws -> UInt64 {
        guard let bytes = ByteCount.parse(text), (1...maximumBytes).contains(bytes) else {
            throw ValidationError("expected a size from 1B to 1TiB, such as 400000, 64KiB or 1.5MB")
        }
        return bytes
    }

    package static func maxWindow(_ text: String) throws -> UInt64 {
        guard let bytes = ByteCount.parse(text), Settings.maxWindowRange.contains(bytes) else {
            throw ValidationError("expected a size from 1B to 1GiB, such as 64MiB")
        }
        return bytes
    }

    package static func maxJump(_ text: String) throws -> UInt64 {
        guard let bytes = ByteCount.parse(text), Settings.maxJumpRange.contains(bytes) else {
            throw ValidationError("expected a size from 1B to 1GiB, such as 1MB")
        }
        return bytes
    }

    package static func minWindow(_ text: String) throws -> UInt64 {
        guard let bytes = ByteCount.parse(text), bytes > 0, Settings.minimumWindowRange.contains(bytes) else {
            throw ValidationError("expected a size from 1B to 1GiB, such as 64KiB")
        }
        return bytes
    }

    package static func beta(_ text: String) throws -> UInt32 {
        guard let percent = UInt32(text), Settings.betaRange.contains(percent) else {
            throw ValidationError("expected a percentage from 10 to 90, such as 70")
        }
        return percent
    }

    /// Reads `50..1000`.
    package static func rttBounds(_ text: String) throws -> ClosedRange<UInt32> {
        let range = Settings.rttPercentRange
        guard let dots = text.range(of: ".."), let low = UInt32(text[..<dots.lowerBound]),
            let high = UInt32(text[dots.upperBound...]), range.contains(low), range.contains(high), low < high
        else {
            throw ValidationError("expected two percentages from 1 to 100000, the lower one first, such as 50..1000")
        }
        return low...high
    }

    package static func network(_ text: String) throws -> NetworkPrefix {
        guard let network = NetworkPrefix(text) else {
            throw ValidationError("expected a network such as 192.0.2.0/24 or 2001:db8::/32, or a single address")
        }
        return network
    }

    package static func capacity(_ text: String) throws -> UInt32 {
        guard let count = UInt32(text), Settings.capacityRange.contains(count) else {
            throw ValidationError("expected a number of endpoints from 1 to 16777216")
        }
        return count
    }

    package static func lifetime(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text), Settings.lifetimeRange.contains(duration) else {
            throw ValidationError("expected a time from 1s to 1d, such as 60s or 5m")
        }
        return duration
    }

    /// Reads an RTT; a bare number is in milliseconds.
    package static func rtt(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text, bareUnit: "ms"),
            (.microseconds(1) ... .seconds(60)).contains(duration)
        else {
            throw ValidationError(
                "expected a round-trip time from 1us to 60s, such as 100 (milliseconds), 20ms or 0.3s")
        }
        return duration
    }

    package static func address(_ text: String) throws -> RemoteEndpoint {
        guard let endpoint = RemoteEndpoint(text) else {
            throw ValidationError("expected an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1")
        }
        return endpoint
    }
}
