// SPDX-License-Identifier: Apache-2.0

package import PathEmulator

/// An experiment: a path and what happens to it, a client and what it requests, and the treatments that are compared.
package struct Scenario: Equatable, Sendable {
    /// The client.
    package enum Client: String, Codable, CaseIterable, Sendable {
        /// TCP without TLS: connects, requests, reads. Its record is a copy of a real QUIC connection's.
        case plain
        /// libcurl with HTTP/3 and its own fallback.
        case curl
        /// Chromium, headless, with its own fallback.
        case chromium
    }

    /// The client's first receive window.
    package enum ReceiveWindow: String, Codable, CaseIterable, Sendable {
        /// A default Linux host's, about 64 KB (tcp_rmem[1] = 131072).
        case `default`
        /// Open: tcp_rmem[1] = 4 MiB.
        case open
    }

    /// Version of IP.
    package enum Family: String, Codable, CaseIterable, Sendable {
        case ipv4
        case ipv6
    }

    /// What happens to UDP at the cut.
    package enum UDPOutage: Hashable, Sendable {
        /// Nothing arrives any more, and no error is reported.
        case drop
        /// It is answered with ICMP "port unreachable".
        case reject
        /// It arrives at no more than this rate, in each direction.
        case throttle(BitRate)
    }

    /// What else uses the path, or the client's address.
    package enum Neighbour: String, Codable, CaseIterable, Sendable {
        /// A TCP connection of another host, which fills the bottleneck before the measured one begins, and continues.
        case competingFlow = "competing-flow"
        /// Another client falls back, behind the same NAT address as the one that spoke QUIC.
        case sameNAT = "same-nat"
    }

    /// Changes to the saved parameters that the QUIC connection measured.
    package struct Saved: Equatable, Sendable {
        /// Factor on the measured window and threshold (1: as measured).
        package var scale: Double = 1
        /// How long ago the QUIC peer was last heard when TCP begins; nil: just now. If it is longer than the lifetime,
        /// the record exists but has expired.
        package var age: TimeSpan?
        /// How long a record is valid; nil: Baton's default.
        package var lifetime: TimeSpan?

        package init(scale: Double = 1, age: TimeSpan? = nil, lifetime: TimeSpan? = nil) {
            self.scale = scale
            self.age = age
            self.lifetime = lifetime
        }
    }

    /// When the path changes its state.
    package enum Moment: Equatable, Sendable {
        /// When UDP stops and TCP takes over.
        case cut
        /// This long after the measured TCP connection began.
        case afterConnect(TimeSpan)
    }

    /// A later state of the path.
    package struct Change: Equatable, Sendable {
        package var moment: Moment
        /// From the server to the client: the whole state, not only what differs.
        package var down: LinkConfiguration
        /// From the client to the server, likewise.
        package var up: LinkConfiguration

        package init(moment: Moment, down: LinkConfiguration, up: LinkConfiguration) {
            self.moment = moment
            self.down = down
            self.up = up
        }
    }

    /// Its file's name without the extension.
    package var name: String
    /// One line of at most 72 characters.
    package var title: String
    /// Why it is measured, and what to expect.
    package var about: String
    /// The sets that it belongs to: `readme`, `quick`.
    package var sets: [String]
    /// Round-trip time without queues and jitter, at first: the sum of both directions' delays.
    package var roundTrip: TimeSpan
    /// From the server to the client, at first.
    package var down: LinkConfiguration
    /// From the client to the server, at first.
    package var up: LinkConfiguration
    /// In the order of their moments, `cut` first; no two at one moment.
    package var changes: [Change]
    package var family: Family
    package var udp: UDPOutage
    package var client: Client
    package var receiveWindow: ReceiveWindow
    package var loads: [Load]
    /// The server's: `cubic`, `reno`, `bbr`.
    package var congestionControls: [String]
    package var treatments: [Treatment]
    package var saved: Saved
    package var neighbour: Neighbour?
    /// Clients that fall back at once, each with an address of its own: 1…200.
    package var simultaneous: Int
    /// TCP connections that follow the fallback while HTTP/3 is marked as broken: 0…100.
    package var following: Int
    /// QUIC's idle timeout: how long a real client takes to give up.
    package var idleTimeout: TimeSpan
    /// How many times each treatment is measured, unless the command line says otherwise: 1…1000.
    package var rounds: Int
    /// The whole file: it is recorded with the results, so that they can be repeated.
    package var source: String

    /// How many measurements it has: each treatment, load and congestion control in each round.
    package var measurements: Int { rounds * loads.count * congestionControls.count * treatments.count }
}
