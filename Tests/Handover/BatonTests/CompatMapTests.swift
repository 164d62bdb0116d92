// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import TestSupport
import Testing

extension KernelTests {
    /// cwndebpf's maps, written with bpftool as its document says.
    @Suite struct CompatMaps {
        /// Not by its name, which the maps of other handovers on this machine have as well.
        private func set(_ map: String, _ value: UInt32, _ attached: Attached) throws {
            let bytes = withUnsafeBytes(of: value) { $0.map { String($0) } }
            let info = try AnyMap(pinnedAt: "\(attached.bed.pinDirectory)/maps/\(map)").info()
            #expect(info.name == map)
            let place = ["map", "update", "id", "\(info.id)"]
            try Machine.demand(["bpftool"] + place + ["key", "0", "0", "0", "0", "value"] + bytes)
        }

        private func with(_ body: (Attached) async throws -> Void) async throws {
            var settings = Settings.exact
            settings.hasCompatMaps = true
            try await Attached.with(settings, body)
        }

        @Test("the tenth connection gets the same window as the first, and the maps stay as they are")
        func tenTimes() async throws {
            try await with { attached in
                try attached.probe.listen()
                try set("CwndMap", 1_460_000, attached)
                try set("SSThreshMap", 1_000_000, attached)
                try set("FallbackMap", 1, attached)
                for index in 1...10 {
                    let server = try attached.probe.connect("\(index)").server
                    #expect(server.cwnd == segments(1_460_000, mss: server.mss))
                    #expect(server.ssthresh == segments(1_000_000, mss: server.mss))
                }
                let dump = try Machine.demand(
                    "bpftool", "-j", "map", "lookup", "pinned", "\(attached.bed.pinDirectory)/maps/CwndMap", "key", "0",
                    "0", "0", "0")
                #expect(dump.contains(#""value":1460000"#) || dump.contains(#""0x20","0x47","0x16","0x00""#))
            }
        }

        @Test("nothing happens if FallbackMap is 0, or a map is empty")
        func noFallback() async throws {
            try await with { attached in
                try attached.probe.listen()
                #expect(try attached.probe.connect("empty").server.cwnd == 10)
                try set("CwndMap", 1_460_000, attached)
                try set("SSThreshMap", 1_000_000, attached)
                try set("FallbackMap", 0, attached)
                let server = try attached.probe.connect("zero").server
                #expect(server.cwnd == 10)
                #expect(server.ssthresh == TCPProbe.Info.infiniteSSThresh)
                #expect(try attached.count(.noRecord) == 2)
            }
        }

        @Test("the peer's own record takes precedence")
        func ownRecord() async throws {
            try await with { attached in
                try attached.probe.listen()
                try set("CwndMap", 1_460_000, attached)
                try set("FallbackMap", 1, attached)
                try attached.save(cwnd: 200_000)
                var server = try attached.probe.connect("own").server
                #expect(server.cwnd == segments(200_000, mss: server.mss))
                server = try attached.probe.connect("other", from: "10.77.0.3").server
                #expect(server.cwnd == segments(1_460_000, mss: server.mss))
                #expect(server.ssthresh == TCPProbe.Info.infiniteSSThresh)
            }
        }

        @Test("a server's own outbound connections are not changed")
        func outbound() async throws {
            try await with { attached in
                try attached.probe.listen(side: .active)
                try set("CwndMap", 1_460_000, attached)
                try set("FallbackMap", 1, attached)
                #expect(try attached.probe.connect(side: .active).client.cwnd == 10)
            }
        }

        @Test("without --compat-maps they don't exist")
        func absent() async throws {
            try await Attached.with { attached in
                let names = try Machine.demand("ls", attached.bed.pinDirectory + "/maps")
                #expect(!names.contains("CwndMap"))
            }
        }
    }
}
