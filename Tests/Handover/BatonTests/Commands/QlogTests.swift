// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Foundation
import Glibc
import TestSupport
import Testing

extension KernelTests {
    /// `baton watch --qlog`.
    @Suite struct Qlog {
        private func path() -> String {
            FileManager.default.temporaryDirectory.appending(path: "baton-\(UUID().uuidString).sqlog").path
        }

        /// Splits a sequence of JSON texts as RFC 7464 says: each begins with 0x1E and ends with a line feed.
        private func records(_ path: String) throws -> [[String: Any]] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes.first == 0x1e)
            return try bytes.split(separator: 0x1e).map { text in
                #expect(text.last == 0x0a)
                return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
            }
        }

        private func count(_ text: String, in path: String) -> Int {
            let bytes = FileManager.default.contents(atPath: path) ?? Data()
            return String(decoding: bytes, as: UTF8.self).components(separatedBy: text).count - 1
        }

        @Test("a resumed connection's phases and windows, whole also after SIGKILL")
        func resumed() async throws {
            let path = path()
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await Attached.with(Watching.careful) { attached in
                let began = Date()
                let mss = try await WatchProcess.with(attached, "--json", "--qlog", path) { watch in
                    try attached.probe.listen()
                    var mss: UInt64 = 0
                    for client in ["10.77.0.2", "10.77.0.3"] {
                        try attached.save(client, cwnd: 400_000, ssthresh: 300_000)
                        mss = try attached.probe.connect(client, from: client).server.mss
                        _ = try attached.probe.transfer(
                            bytes: 4_000_000, from: "\(client).server", to: "\(client).client")
                    }
                    try await waitUntil("the normal phases") { count("\"new\":\"normal\"", in: path) == 2 }
                    watch.end(by: SIGKILL)
                    return mss
                }
                let all = try records(path)
                let reference = try checkHeader(try #require(all.first))
                // A second more on either side, for clocks are adjusted.
                let times = (began - 1).timeIntervalSince1970...(Date() + 1).timeIntervalSince1970
                #expect(times.contains(reference / 1000))
                let groups = Dictionary(grouping: all.dropFirst()) { $0["group_id"] as? String ?? "" }
                #expect(groups.count == 2)
                for (name, events) in groups {
                    #expect(name.hasPrefix("10.77.0.2:") || name.hasPrefix("10.77.0.3:"))
                    try check(events, mss: mss)
                }
                try readStrictly(path, count: all.count)
            }
        }

        /// - Returns: the reference time.
        private func checkHeader(_ header: [String: Any]) throws -> Double {
            #expect(header["qlog_version"] as? String == "0.3")
            #expect(header["qlog_format"] as? String == "JSON-SEQ")
            #expect(header["title"] is String)
            let trace = try #require(header["trace"] as? [String: Any])
            #expect((trace["vantage_point"] as? [String: Any])?["type"] as? String == "server")
            let fields = try #require(trace["common_fields"] as? [String: Any])
            #expect(fields["time_format"] as? String == "relative")
            #expect(fields["protocol_type"] as? [String] == ["TCP"])
            return try #require(fields["reference_time"] as? Double)
        }

        /// The events of one connection.
        private func check(_ events: [[String: Any]], mss: UInt64) throws {
            let times = events.compactMap { $0["time"] as? Double }
            #expect(times.count == events.count)
            #expect(times == times.sorted())
            #expect((times.first ?? -1) >= 0)
            let phases = events.filter { $0["name"] as? String == "recovery:careful_resume_phase_updated" }
            let metrics = events.filter { $0["name"] as? String == "recovery:metrics_updated" }
            #expect(phases.count == metrics.count)
            #expect(phases.count + metrics.count == events.count)
            let changes = phases.compactMap { $0["data"] as? [String: Any] }
            let first = try #require(changes.first)
            #expect(first["old"] == nil)
            #expect(first["new"] as? String == "reconnaissance")
            #expect(first["trigger"] == nil)
            let restored = try #require(first["restored_data"] as? [String: Any])
            #expect(restored["saved_congestion_window"] as? Int == 400_000)
            #expect(restored["saved_rtt"] as? Double == 0)
            for change in changes.dropFirst() {
                #expect(change["restored_data"] == nil)
                #expect(change["trigger"] is String)
                #expect(change["old"] is String)
            }
            for (change, metric) in zip(changes, metrics.compactMap { $0["data"] as? [String: Any] }) {
                let state = try #require(change["state_data"] as? [String: Any])
                let window = try #require(state["congestion_window"] as? UInt64)
                #expect(window == metric["congestion_window"] as? UInt64)
                #expect(window > 0 && window % mss == 0)
                #expect(metric["bytes_in_flight"] is UInt64)
                #expect((try #require(metric["smoothed_rtt"] as? Double)) > 0)
                #expect((try #require(metric["min_rtt"] as? Double)) > 0)
                for key in ["pipesize", "first_unvalidated_packet", "last_unvalidated_packet"] {
                    #expect(state[key] is UInt64, "\(key)")
                }
            }
            // A threshold that is infinite is left out.
            #expect((first["state_data"] as? [String: Any])?["ssthresh"] == nil)
        }

        /// Another reader, with another library's idea of JSON.
        private func readStrictly(_ path: String, count: Int) throws {
            let script = """
                import json, sys
                def refuse(name): raise ValueError(name)
                data = open(sys.argv[1], "rb").read()
                texts = data.split(b"\\x1e")
                assert texts[0] == b"" and all(text.endswith(b"}\\n") and text.count(b"\\n") == 1 for text in texts[1:])
                print(len([json.loads(text.decode("utf-8"), parse_constant=refuse) for text in texts[1:]]))
                """
            #expect(try Machine.demand("python3", "-c", script, path) == "\(count)\n")
        }

        @Test("a file that can't be created is named, with status 1, and an existing file is overwritten")
        func files() async throws {
            let path = path()
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await Attached.with(Watching.careful) { attached in
                for (bad, reason) in [("/nowhere/x.sqlog", "create its directory"), ("/tmp", "name of a file")] {
                    let output = try attached.bed.baton("watch", "--qlog", bad)
                    #expect(output.status == 1)
                    #expect(output.standardError.contains("'\(bad)'"))
                    #expect(output.standardError.contains(reason))
                    #expect(output.standardError.split(separator: "\n").count == 1)
                }
                // A second watch is refused before it touches the file.
                try await WatchProcess.with(attached, "--qlog", path) { _ in
                    try await waitUntil("the header") { count("JSON-SEQ", in: path) == 1 }
                    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
                    let output = try attached.bed.baton("watch", "--qlog", path)
                    #expect(output.status == 1)
                    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == size)
                }
                try Data(repeating: 0x61, count: 10_000).write(to: URL(fileURLWithPath: path))
                try await WatchProcess.with(attached, "--qlog", path) { _ in
                    try await waitUntil("the header") { count("JSON-SEQ", in: path) == 1 }
                }
                #expect(try records(path).count == 1)
            }
        }

        @Test("a full disk is reported")
        func fullDisk() async throws {
            try await Attached.with(Watching.careful) { attached in
                let output = try attached.bed.baton("watch", "--qlog", "/dev/full")
                #expect(output.status == 1)
                #expect(output.standardError.contains("writing the qlog '/dev/full': No space left on device"))
            }
        }
    }
}
