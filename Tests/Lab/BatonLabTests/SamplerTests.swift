// SPDX-License-Identifier: Apache-2.0

import BatonLab
import Measurements
import PathEmulator
import Scenarios
import Testing

/// The kernel's view of connections over time. One at a time: they measure.
@Suite(.serialized, .enabled(if: LabSession.isPossible, "needs root: namespaces, TUN devices, cgroups"))
struct SamplerTests {
    private static let megabyte = ByteCount(bytes: 1_000_000)

    @Test("the window is seen to grow from ten segments, without gaps", arguments: [0, 1])
    func growth(family: Int) throws {
        let path = ["--rtt", "100ms", "--rate", "50Mbit", "--queue", "625000"]
        let (value, _) = try CleartextLab.measure(
            path,
            isInTime: { value in
                // the sampler says itself how often it was late
                value.quality.over10MillisecondsApart < value.quality.readings / 10
                    && value.states.first.map { $0.milliseconds <= 170 } == true
            }
        ) { lab in
            _ = try lab.server(family: family)
            let client = try lab.client(.body(Self.megabyte), family: family)
            let sampler = try SocketSampler(in: lab.session.server, serverPort: CleartextServer.port)
            try client.prepared()
            try sampler.begin(at: try client.go())
            let result = try client.results()[0]
            let states = sampler.end()
            let address = lab.session.ready.client_addresses[family]
            return (result: result, states: states, quality: sampler.quality, address: address)
        }
        let (result, states, quality, address) = value
        #expect(states.allSatisfy { $0.remotePort == result.localPort && $0.remoteAddress == address })
        #expect(states.allSatisfy { $0.congestionControl == "cubic" })
        let first = try #require(states.first)
        let last = try #require(states.last)
        #expect(first.cwndSegments == 10)
        #expect(first.ssthreshSegments == nil)
        // for the server it is established after one and a half round trips
        #expect(first.milliseconds >= 149)
        #expect(last.cwndSegments > 100)
        #expect(last.bytesAcknowledged > 500_000)
        #expect((95_000...200_000).contains(last.rttMicroseconds))
        #expect(states.contains { $0.segmentsInFlight > 10 })
        for (before, after) in zip(states, states.dropFirst()) {
            #expect(before.milliseconds < after.milliseconds)
            #expect(before.bytesAcknowledged <= after.bytesAcknowledged)
        }
        // every 5 ms
        #expect(quality.failures == 0)
        #expect(quality.readings > Int(result.lastByteMilliseconds / 10))
    }

    @Test("the connections of this moment are read at once, and those of other ports are not")
    func current() throws {
        try CleartextLab.around(["--rtt", "10ms", "--rate", "20Mbit"]) { lab in
            _ = try lab.server()
            #expect(try TCPSockets.current(in: lab.session.server, serverPort: CleartextServer.port).isEmpty)
            let flow = try lab.flow()
            let states = try TCPSockets.current(in: lab.session.server, serverPort: CleartextServer.port)
            #expect(states.map(\.remoteAddress) == [lab.session.ready.client_addresses[0]])
            #expect(states.allSatisfy { $0.cwndSegments >= 10 && $0.rttMicroseconds >= 10_000 })
            #expect(try TCPSockets.current(in: lab.session.server, serverPort: 4479).isEmpty)
            #expect(try flow.bytes() > 0)
        }
    }

    @Test("many connections are told apart, and a run can follow a run")
    func many() throws {
        try CleartextLab.around([]) { lab in
            _ = try lab.localServer()
            let sampler = try SocketSampler(in: lab.session.client, serverPort: CleartextServer.port)
            let sockets = try (0..<300).map { _ in
                try LoopbackSocket.connected(to: CleartextServer.port, in: lab.session.client)
            }
            for _ in 0..<2 {
                try sampler.begin(at: MonotonicClock.now())
                sockets.forEach { $0.send("GET 1\n") }
                #expect(sockets.allSatisfy { $0.receive(1) == "." })
                let states = sampler.end()
                #expect(Set(states.map(\.remotePort)).count == 300)
                #expect(states.count >= 300)
            }
            #expect(sampler.end().isEmpty)
        }
    }

    @Test("what can't be sampled is refused")
    func refusals() throws {
        try CleartextLab.around([]) { lab in
            #expect(throws: LabError.self) {
                try SocketSampler(in: lab.session.server, serverPort: 1, interval: TimeSpan(nanoseconds: 999_999))
            }
            let sampler = try SocketSampler(in: lab.session.server, serverPort: CleartextServer.port)
            try sampler.begin(at: 0)
            #expect(throws: LabError.self) { try sampler.begin(at: 0) }
            _ = sampler.end()
        }
        #expect(throws: LinuxError.self) {
            try SocketSampler(in: NetworkNamespace(name: "baton-0-none"), serverPort: 1)
        }
    }
}
