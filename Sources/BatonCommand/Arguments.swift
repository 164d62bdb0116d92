// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Baton
import BatonServe
import BatonShared

let defaultPinDirectory = HandOver.defaultPinDirectory

extension Policy: ExpressibleByArgument {}
extension Gate: ExpressibleByArgument {}
extension Jump: ExpressibleByArgument {}

/// Reads of the command line; each error says what was expected.
enum Read {
    /// Largest window or threshold that is taken, bytes: 1 TiB.
    static let maximumBytes: UInt64 = 1 << 40

    static func bytes(_ text: String) throws -> UInt64 {
        guard let bytes = ByteCount.parse(text), (1...maximumBytes).contains(bytes) else {
            throw ValidationError("expected a size from 1B to 1TiB, as 400000, 64KiB or 1.5MB")
        }
        return bytes
    }

    static func maxWindow(_ text: String) throws -> UInt64 {
        guard let bytes = ByteCount.parse(text), Settings.maxWindowRange.contains(bytes) else {
            throw ValidationError("expected a size from 1B to 1GiB, as 64MiB")
        }
        return bytes
    }

    static func capacity(_ text: String) throws -> UInt32 {
        guard let count = UInt32(text), Settings.capacityRange.contains(count) else {
            throw ValidationError("expected a number of endpoints from 1 to 16777216")
        }
        return count
    }

    static func lifetime(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text), Settings.lifetimeRange.contains(duration) else {
            throw ValidationError("expected a time from 1s to 1d, as 60s or 5m")
        }
        return duration
    }

    /// A bare number is in milliseconds.
    static func rtt(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text, bareUnit: "ms"),
            (.microseconds(1) ... .seconds(60)).contains(duration)
        else {
            throw ValidationError("expected a round trip time from 1us to 60s, as 100 (milliseconds), 20ms or 0.3s")
        }
        return duration
    }

    static func idleTimeout(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text), (.milliseconds(100) ... .seconds(600)).contains(duration) else {
            throw ValidationError("expected a time from 100ms to 600s, as 5s")
        }
        return duration
    }

    static func listenAddress(_ text: String) throws -> ListenAddress {
        do { return try ListenAddress(text) } catch { throw ValidationError(error.description) }
    }

    static func address(_ text: String) throws -> RemoteEndpoint {
        guard let endpoint = RemoteEndpoint(text) else {
            throw ValidationError("expected an IPv4 or IPv6 address, as 192.0.2.1 or 2001:db8::1")
        }
        return endpoint
    }
}

/// Where and how the hand-over is attached; for `attach` and `serve`.
struct HandOverOptions: ParsableArguments {
    @Option(help: "How saved values are used: exact, or careful (RFC 9959).")
    var policy = Policy.exact

    @Option(help: "When TCP may take over: quiet (QUIC fell or went silent), always, never.")
    var gate = Gate.quiet

    @Option(parsing: .unconditional, help: "How long saved values may be used.", transform: Read.lifetime)
    var lifetime = Settings().lifetime

    @Option(parsing: .unconditional, help: "No larger window is handed over.", transform: Read.maxWindow)
    var maxWindow = Settings().maxWindowBytes

    @Option(parsing: .unconditional, help: "For how many endpoints values are kept.", transform: Read.capacity)
    var capacity = Settings().capacity

    @Flag(help: "Also make the maps CwndMap, SSThreshMap and FallbackMap, for peers without a record.")
    var seedMaps = false

    var settings: Settings {
        var settings = Settings()
        settings.policy = policy
        settings.gate = gate
        settings.lifetime = lifetime
        settings.maxWindowBytes = maxWindow
        settings.capacity = capacity
        settings.hasSeedMaps = seedMaps
        return settings
    }
}
