// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

extension KernelTests {
    /// Attaching, replacing and detaching.
    @Suite struct Lifecycle {
        /// The programs, maps, links and struct_ops that bpftool lists, without what changes by itself; and the mounts
        /// and cgroups of this process.
        private func everything() throws -> [String] {
            func ids(_ kind: String) throws -> [String] {
                let list = try JSONSerialization.jsonObject(
                    with: Data(try Machine.demand("bpftool", "-j", kind, "show").utf8))
                return (list as? [[String: Any]] ?? []).map { "\(kind) \($0["id"] ?? "?") \($0["name"] ?? "")" }
            }
            let controls = try String(
                contentsOfFile: "/proc/sys/net/ipv4/tcp_available_congestion_control", encoding: .utf8)
            return try ids("prog") + ids("map") + ids("link") + [controls] + namespaces()
        }

        private func namespaces() throws -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
            let cgroups = try FileManager.default.contentsOfDirectory(atPath: Machine.cgroupRoot)
            return names.filter { $0.hasPrefix("bt\(getpid())-") }
                + cgroups.filter { $0.hasPrefix("bt\(getpid())-") }
        }

        @Test("detach leaves nothing")
        func leavesNothing() async throws {
            let before = try everything()
            var settings = Settings.exact
            settings.hasCompatMaps = true
            try await TestBed.with { bed in
                let bedOnly = try everything()
                let cgroup = try Cgroup(path: bed.cgroup)
                #expect(
                    try Handover.attach(to: cgroup, settings: settings, pinDirectory: bed.pinDirectory) == .attached)
                #expect(
                    try Handover.attach(to: cgroup, settings: settings, pinDirectory: bed.pinDirectory) == .replaced)
                #expect(try everything() != bedOnly)
                #expect(try Handover.detach(pinDirectory: bed.pinDirectory))
                #expect(try everything() == bedOnly)
                #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                #expect(try !Handover.detach(pinDirectory: bed.pinDirectory))
            }
            #expect(try everything() == before)
        }

        @Test("handovers that are attached at the same moment find different names")
        func atOnce() async throws {
            try await TestBed.with { bed in
                let directories = (0..<8).map { "\(bed.pinDirectory)-\($0)" }
                let processes = try directories.map { directory in
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: Machine.product("baton"))
                    process.arguments = ["attach", "--cgroup", bed.cgroup, "--pin-directory", directory]
                    process.standardOutput = FileHandle.nullDevice
                    try process.run()
                    return process
                }
                for process in processes { process.waitUntilExit() }
                #expect(processes.map(\.terminationStatus) == Array(repeating: 0, count: 8))
                for directory in directories { #expect(try Handover.detach(pinDirectory: directory)) }
            }
        }

        @Test("what a killed attach leaves, the next attach or detach cleans up")
        func killed() async throws {
            try await TestBed.with { bed in
                let before = try everything()
                for milliseconds in stride(from: 2, through: 90, by: 8) {
                    try killAttach(bed, afterMilliseconds: milliseconds)
                    if milliseconds % 16 == 2 {
                        try Handover.attach(
                            to: try Cgroup(path: bed.cgroup), settings: .exact, pinDirectory: bed.pinDirectory)
                        _ = try Handover(pinDirectory: bed.pinDirectory).status()
                    }
                    try Handover.detach(pinDirectory: bed.pinDirectory)
                    #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                }
                try await eventually { try everything() == before }
            }
        }

        @Test("a replacing attach that is killed half-way leaves the attached handover in place, and nothing else")
        func killedReplacing() async throws {
            try await Attached.with { attached in
                let count = try everything().count
                try attached.probe.listen()
                for milliseconds in stride(from: 4, through: 80, by: 8) {
                    try killAttach(attached.bed, afterMilliseconds: milliseconds, "--policy", "exact", "--compat-maps")
                    try attached.save(cwnd: 400_000, ssthresh: 300_000)
                    let server = try attached.probe.connect("\(milliseconds)").server
                    #expect(server.ssthresh == segments(300_000, mss: server.mss))
                }
                try Handover.attach(
                    to: try Cgroup(path: attached.bed.cgroup), settings: .exact, pinDirectory: attached.bed.pinDirectory
                )
                try await eventually { try everything().count == count }
            }
        }

        private func killAttach(_ bed: TestBed, afterMilliseconds milliseconds: Int, _ options: String...) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Machine.product("baton"))
            process.arguments = ["attach", "--cgroup", bed.cgroup, "--pin-directory", bed.pinDirectory] + options
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            usleep(UInt32(milliseconds) * 1000)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        /// What only a killed process held is freed a little later.
        private func eventually(_ condition: () throws -> Bool) async throws {
            for _ in 0..<100 {
                if try condition() { return }
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("not within ten seconds")
        }

        @Test("replacing keeps records and counters, and has no gap without a program")
        func replacing() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save("10.77.0.3", cwnd: 400_000)
                let (bed, probe) = (attached.bed, attached.probe)
                let cgroup = try Cgroup(path: bed.cgroup)
                let replacements = Task.detached {
                    for _ in 0..<5 { try Handover.attach(to: cgroup, settings: .exact, pinDirectory: bed.pinDirectory) }
                }
                let isDone = Mutex(false)
                let watcher = Task.detached {
                    try await replacements.value
                    isDone.withLock { $0 = true }
                }
                var connections: UInt64 = 0
                repeat {
                    #expect(try probe.churn(count: 200) == ["10": 200])
                    connections += 200
                    // Nothing above suspends: where there is one CPU, the others get a turn only here.
                    await Task.yield()
                } while !isDone.withLock { $0 }
                try await watcher.value
                #expect(try attached.count(.noRecord) == connections)
                #expect(
                    try attached.handover.saved.value(for: try attached.endpoint("10.77.0.3"))?.cwndBytes == 400_000)
                // A record whose endpoint connects while programs change gets its threshold as well.
                let server = try probe.connect("last", from: "10.77.0.3").server
                #expect(server.cwnd == segments(400_000, mss: server.mss))
            }
        }

        @Test("attaches at the same time take turns: one attaches, the others replace")
        func parallel() async throws {
            try await TestBed.with { bed in
                let cgroup = try Cgroup(path: bed.cgroup)
                let done = try await withThrowingTaskGroup(of: Handover.Attachment.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try Handover.attach(to: cgroup, settings: .exact, pinDirectory: bed.pinDirectory)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1.rawValue) }
                }
                #expect(done.sorted() == ["attached", "replaced", "replaced", "replaced"])
                #expect(try Handover(pinDirectory: bed.pinDirectory).status().cgroup == bed.cgroup)
                try Handover.detach(pinDirectory: bed.pinDirectory)
            }
        }

        @Test("what others pinned in the same place stays")
        func foreignPins() async throws {
            try await Attached.with { attached in
                let theirs = attached.bed.pinDirectory + "/maps/theirs"
                try AnyMap(pinnedAt: attached.bed.pinDirectory + "/maps/counters").pin(at: theirs)
                try Handover.attach(
                    to: try Cgroup(path: attached.bed.cgroup), settings: .exact, pinDirectory: attached.bed.pinDirectory
                )
                #expect(FileManager.default.fileExists(atPath: theirs))
                try Handover.detach(pinDirectory: attached.bed.pinDirectory)
                #expect(FileManager.default.fileExists(atPath: theirs))
                #expect(!FileManager.default.fileExists(atPath: attached.bed.pinDirectory + "/maps/saved"))
            }
        }

        @Test("a handover whose cgroup was removed can be attached again")
        func cgroupRemoved() async throws {
            try await TestBed.with { bed in
                let gone = bed.cgroup + "/gone"
                try FileManager.default.createDirectory(atPath: gone, withIntermediateDirectories: false)
                try Handover.attach(to: try Cgroup(path: gone), settings: .exact, pinDirectory: bed.pinDirectory)
                #expect(rmdir(gone) == 0)
                let handover = try Handover(pinDirectory: bed.pinDirectory)
                #expect(try handover.status().cgroup == nil)
                try Handover.attach(to: try Cgroup(path: bed.cgroup), settings: .exact, pinDirectory: bed.pinDirectory)
                #expect(try handover.status().cgroup == bed.cgroup)
                #expect(handover.isCurrent)
                try Handover.detach(pinDirectory: bed.pinDirectory)
                #expect(!handover.isCurrent)
            }
        }

        @Test("an attached handover with another capacity isn't changed")
        func otherCapacity() async throws {
            try await Attached.with { attached in
                var settings = Settings.exact
                settings.capacity = 1000
                let before = try everything()
                let error = #expect(throws: BPFError.self) {
                    try Handover.attach(
                        to: try Cgroup(path: attached.bed.cgroup), settings: settings,
                        pinDirectory: attached.bed.pinDirectory)
                }
                #expect(error?.code == .mismatch)
                #expect(try everything() == before)
            }
        }

        @Test("pins of another layout are refused")
        func otherLayout() async throws {
            try await Attached.with { attached in
                try PinDirectory(attached.bed.pinDirectory, layoutVersion: 9999).make(replacing: true)
                let error = #expect(throws: BPFError.self) {
                    _ = try Handover(pinDirectory: attached.bed.pinDirectory)
                }
                #expect(error?.code == .mismatch)
                #expect(throws: BPFError.self) {
                    try Handover.attach(
                        to: try Cgroup(path: attached.bed.cgroup), pinDirectory: attached.bed.pinDirectory)
                }
                #expect(try Handover.detach(pinDirectory: attached.bed.pinDirectory))
                #expect(!FileManager.default.fileExists(atPath: attached.bed.pinDirectory))
            }
        }

        @Test("detach removes what an earlier version pinned, whose configuration had another size")
        func earlierLayout() async throws {
            try await Attached.with { attached in
                let pins = attached.bed.pinDirectory
                let small = try ArrayMap<UInt64>(pinnedAt: "\(pins)/maps/watchers")
                try small.pin(at: "\(pins)/maps/configuration")
                try PinDirectory(pins, layoutVersion: 2).make(replacing: true)
                #expect(try Handover.detach(pinDirectory: pins))
                #expect(!FileManager.default.fileExists(atPath: pins))
            }
        }

        @Test("two handovers on two cgroups work side by side")
        func two() async throws {
            try await Attached.with { first in
                try await Attached.with { second in
                    for attached in [first, second] {
                        try attached.probe.listen()
                        try attached.save(cwnd: 400_000, ssthresh: 300_000)
                        let server = try attached.probe.connect().server
                        #expect(server.ssthresh == segments(300_000, mss: server.mss))
                    }
                }
            }
        }

        @Test("the handover moves to another cgroup")
        func moves() async throws {
            try await Attached.with { attached in
                try Handover.attach(
                    to: try Cgroup(path: attached.bed.otherCgroup), pinDirectory: attached.bed.pinDirectory)
                #expect(try attached.handover.status().cgroup == attached.bed.otherCgroup)
                try attached.probe.listen()
                try attached.save(cwnd: 400_000)
                #expect(try attached.probe.connect().server.cwnd == 10)
            }
        }

        @Test("TCP continues when the handover of a resumed connection is detached")
        func detachedUnderneath() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, ssthresh: 300_000)
                _ = try attached.probe.connect()
                try Handover.detach(pinDirectory: attached.bed.pinDirectory)
                let transfer = try attached.probe.transfer(
                    bytes: 5_000_000, from: "connection.server", to: "connection.client")
                #expect(transfer.sender.control == "cubic")
                #expect(try attached.probe.connect("next").server.cwnd == 10)
            }
        }
    }
}
