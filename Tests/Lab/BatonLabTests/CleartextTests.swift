// SPDX-License-Identifier: Apache-2.0

import BatonLab
import PathEmulator
import Scenarios
import Testing

/// The plain client and server over the emulated path. One at a time: they measure.
@Suite(.serialized, .enabled(if: LabSession.isPossible, "needs root: namespaces, TUN devices, cgroups"))
struct CleartextTests {
    private static let path = ["--rtt", "100ms", "--rate", "50Mbit", "--queue", "625000"]
    private static let megabyte = ByteCount(bytes: 1_000_000)

    /// Medians of plain TCP with cubic over this path: Documentation/path-emulator.md.
    @Test("a cold connection takes what it is known to take", arguments: [(100_000, 413.0), (1_000_000, 820.0)])
    func baseline(bytes: Int64, milliseconds: Double) throws {
        let (value, report) = try CleartextLab.measure(
            Self.path,
            isInTime: { $0.result.lastByteMilliseconds < 1.05 * milliseconds && $0.result.firstByteMilliseconds <= 240 }
        ) { lab in
            let server = try lab.server()
            let results = try lab.client(.body(ByteCount(bytes: bytes))).run()
            #expect(results.count == 1)
            let result = results[0]
            return (result: result, accepted: [try server.accepted(from: result.address, port: result.localPort)])
        }
        let (result, accepted) = value
        #expect(result.lastByteMilliseconds > 0.95 * milliseconds)
        // a round trip for connect(), one for the request
        #expect(result.firstByteMilliseconds >= 200)
        #expect(result.warmUpMilliseconds == nil)
        #expect(accepted[0].cwndSegments == 10)
        #expect(accepted[0].ssthreshSegments == nil)
        #expect(accepted[0].mssBytes == 1448)
        #expect(accepted[0].congestionControl == "cubic")
        #expect(report.forward.bytes > bytes)
    }

    @Test("a warm connection is faster than a cold one")
    func warmUp() throws {
        let (result, _) = try CleartextLab.measure(
            Self.path,
            isInTime: { result in
                result.lastByteMilliseconds < 0.6 * (result.warmUpMilliseconds?.first ?? 0)
                    && result.firstByteMilliseconds <= 200
            }
        ) { lab in
            let server = try lab.server()
            let result = try lab.client(.body(Self.megabyte), warmUp: Self.megabyte).run()[0]
            #expect(try server.takeAccepted().count == 1)
            return result
        }
        let warmUps = try #require(result.warmUpMilliseconds)
        #expect((2...10).contains(warmUps.count))
        // no handshake in it
        #expect(result.firstByteMilliseconds >= 100)
    }

    @Test("an upload is as slow as a body, and what follows begins again", arguments: [0, 1])
    func upload(family: Int) throws {
        let path = ["--rtt", "40ms", "--rate", "20Mbit", "--queue", "1MB"]
        func times(_ result: CleartextResult) -> [Double] {
            [result.lastByteMilliseconds] + result.followingMilliseconds
        }
        let (value, report) = try CleartextLab.measure(
            path, isInTime: { times($0.result).allSatisfy { $0 <= 800 } }
        ) { lab in
            let server = try lab.server(family: family)
            let result = try lab.client(.upload(Self.megabyte), family: family, following: 2).run()[0]
            return (result: result, accepted: try server.takeAccepted())
        }
        let (result, accepted) = value
        // two round trips and a megabyte at 20 Mbit/s are 480 ms, and slow start's waiting
        for time in times(result) { #expect(time >= 480) }
        #expect(result.followingMilliseconds.count == 2)
        #expect(accepted.count == 3)
        #expect(Set(accepted.map(\.remotePort)).count == 3)
        #expect(accepted.allSatisfy { $0.mssBytes == (family == 0 ? 1448 : 1428) })
        #expect(report.backward.bytes > 3_000_000)
    }

    @Test("each address has a connection of its own")
    func manyAddresses() throws {
        try CleartextLab.around([]) { lab in
            let server = try lab.localServer()
            let addresses = (2..<52).map { "127.0.0.\($0)" }
            let results = try lab.localClient(.body(Self.megabyte), from: addresses).run()
            #expect(results.map(\.address) == addresses)
            #expect(results.allSatisfy { $0.lastByteMilliseconds >= $0.firstByteMilliseconds })
            for result in results {
                #expect(try server.accepted(from: result.address, port: result.localPort).event == "accepted")
            }
            #expect(server.stop() == 0)
        }
    }

    @Test("requests follow each other on a connection, and are answered to the byte")
    func protocolIsExact() throws {
        try CleartextLab.around([]) { lab in
            _ = try lab.localServer()
            let socket = try LoopbackSocket.connected(to: CleartextServer.port, in: lab.session.client)
            socket.send("GET 5\nPUT 3\nabcGET 2\nPUT 4")
            #expect(socket.receive(10) == ".....OK\n..")
            socket.send("\nab")
            socket.send("cdGET 300000\n")
            socket.endSending()
            #expect(socket.receive() == "OK\n" + String(repeating: ".", count: 300_000))
        }
    }

    @Test("what is no request ends the connection, and nothing else")
    func badRequest() throws {
        let lines = ["HELLO\n", "GET\n", "GET 0\n", "GET -1\n", "PUT x\n", "FLOW 1\n", "GET 1 2\n", "\n"]
        try CleartextLab.around([]) { lab in
            let server = try lab.localServer()
            let good = try LoopbackSocket.connected(to: CleartextServer.port, in: lab.session.client)
            // the last one is a line without an end
            for line in lines + [String(repeating: "1", count: 33)] {
                let bad = try LoopbackSocket.connected(to: CleartextServer.port, in: lab.session.client)
                bad.send(line)
                #expect(bad.receive() == "", "\(line)")
                good.send("GET 1\n")
                #expect(good.receive(1) == ".", "\(line)")
            }
            #expect(try server.takeAccepted().count == 2 + lines.count)
            let failures = try server.takeFailures()
            #expect(failures.count == 1 + lines.count)
            #expect(failures[0].contains("'HELLO' is not a request; expected GET BYTES, PUT BYTES (1…) or FLOW"))
        }
    }

    @Test("failures are told for what they are")
    func failures() throws {
        try CleartextLab.around([]) { lab in
            func message(_ body: () throws -> Void) -> String {
                do {
                    try body()
                    return "no error"
                } catch {
                    return "\(error)"
                }
            }
            let body = Load.body(Self.megabyte)
            let refused = try lab.localClient(body)
            #expect(message { _ = try refused.run() }.contains("Connection refused"))
            let absent = try lab.localClient(body, from: ["192.0.2.77"])
            #expect(message { try absent.prepared() }.contains("bind(2) on 192.0.2.77"))

            let listener = try LoopbackSocket.listening(at: 4481, in: lab.session.client)
            let impatient = try lab.localClient(body, port: 4481, timeout: "200ms")
            #expect(message { _ = try impatient.run() }.contains("did not answer within 200ms"))
            // the connection that was given up is the first in the queue
            _ = try listener.accept()

            let short = try lab.localClient(body, port: 4481)
            try short.prepared()
            _ = try short.go()
            let peer = try listener.accept()
            #expect(peer.receive(12) == "GET 1000000\n")
            peer.send("0123456789")
            peer.endSending()
            #expect(message { _ = try short.results() }.contains("ended the body after 10 of 1000000 bytes"))
        }
    }

    @Test("a competing flow takes what the path gives, and no more")
    func flow() throws {
        let (value, _) = try CleartextLab.measure(["--rtt", "20ms", "--rate", "20Mbit", "--queue", "1bdp"]) { lab in
            _ = try lab.server()
            let flow = try lab.flow()
            // bytes come while they are asked for: at least those between the answers, at most those between the questions
            let earliest = MonotonicClock.now()
            let (first, begin) = (try flow.bytes(), MonotonicClock.now())
            _ = try lab.client(.body(Self.megabyte)).run()
            let end = MonotonicClock.now()
            let bytes = try flow.bytes() - first
            return (bytes: bytes, least: end - begin, most: MonotonicClock.now() - earliest)
        }
        func carried(in nanoseconds: Int64) -> Double { Double(nanoseconds) * 20e6 / 8e9 }
        #expect(Double(value.bytes) > 0.1 * carried(in: value.least))
        // what waited in the kernel before the first count
        #expect(Double(value.bytes) < carried(in: value.most) + 100_000)
    }
}
