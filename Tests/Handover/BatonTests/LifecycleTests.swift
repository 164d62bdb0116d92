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
        /// Expects that nothing is left of these objects, nor of others that this test may have made: nothing more is attached
        /// to its cgroup, or held open by this process than before.
        private func expectNothing(
            of objects: KernelObjects, on cgroup: String, since held: KernelObjects,
            _ location: SourceLocation = #_sourceLocation
        ) throws {
            #expect(objects.left().isEmpty, "left: \(objects.existing)", sourceLocation: location)
            let more = try KernelObjects.heldHere().subtracting(held)
            #expect(more.isEmpty, "\(more)", sourceLocation: location)
            let attached = try Machine.demand("bpftool", "-j", "cgroup", "show", cgroup)
            #expect(
                ["", "[]"].contains(attached.trimmingCharacters(in: .whitespacesAndNewlines)), sourceLocation: location)
        }

        /// Congestion controls without a link (before Linux 6.4) are held by nothing that could be looked for; they are found
        /// by what the kernel lists, which is right as long as nobody else registers one.
        private func controlsWithoutLinks() throws -> String? {
            guard Feature.structOpsLinks.probe() != .yes else { return nil }
            return try String(
                contentsOfFile: "/proc/sys/net/ipv4/tcp_available_congestion_control", encoding: .utf8)
        }

        /// Namespaces, cgroups, directories and mounts of the beds of this process.
        private func beds() throws -> [String] {
            let own = "bt\(getpid())-"
            let names = ["/run/netns", "/run", Machine.cgroupRoot].flatMap { directory in
                ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).map { "\(directory)/\($0)" }
            }
            let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            return names.filter { $0.contains("/" + own) } + mounts.map(String.init).filter { $0.contains("/" + own) }
        }

        @Test("detach leaves nothing")
        func leavesNothing() async throws {
            let before = try beds()
            var settings = Settings.exact
            settings.hasCompatMaps = true
            try await TestBed.with { bed in
                let (controls, held) = (try controlsWithoutLinks(), try KernelObjects.heldHere())
                let cgroup = try Cgroup(path: bed.cgroup)
                func attach(_ expected: Handover.Attachment) throws -> KernelObjects {
                    #expect(
                        try Handover.attach(to: cgroup, settings: settings, pinDirectory: bed.pinDirectory) == expected)
                    return KernelObjects(pinnedBelow: bed.pinDirectory)
                }
                var objects = try attach(.attached)
                #expect(!objects.isEmpty && objects.existing == objects)
                let replaced = try attach(.replaced)
                #expect(replaced != objects)
                objects.formUnion(replaced)
                #expect(try Handover.detach(pinDirectory: bed.pinDirectory))
                try expectNothing(of: objects, on: bed.cgroup, since: held)
                #expect(try controlsWithoutLinks() == controls)
                #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                #expect(try !Handover.detach(pinDirectory: bed.pinDirectory))
            }
            #expect(try beds() == before)
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

        @Test("an attach that is killed half-way is completed by the next attach, or removed by detach")
        func killed() async throws {
            try await TestBed.with { bed in
                let (controls, held) = (try controlsWithoutLinks(), try KernelObjects.heldHere())
                let whole = try attach(bed, killedAfter: nil)
                try Handover.detach(pinDirectory: bed.pinDirectory)
                var objects = KernelObjects()
                for part in 0..<12 {
                    try attach(bed, killedAfter: whole / 12 * part)
                    objects.formUnion(KernelObjects(pinnedBelow: bed.pinDirectory))
                    if part % 2 == 0 {
                        try Handover.attach(
                            to: try Cgroup(path: bed.cgroup), settings: .exact, pinDirectory: bed.pinDirectory)
                        _ = try Handover(pinDirectory: bed.pinDirectory).status()
                        objects.formUnion(KernelObjects(pinnedBelow: bed.pinDirectory))
                    }
                    try Handover.detach(pinDirectory: bed.pinDirectory)
                    #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                }
                #expect(!objects.isEmpty)
                try expectNothing(of: objects, on: bed.cgroup, since: held)
                #expect(try controlsWithoutLinks() == controls)
            }
        }

        @Test("a replacing attach that is killed half-way leaves the attached handover in place, and nothing else")
        func killedReplacing() async throws {
            try await Attached.with { attached in
                let bed = attached.bed
                let whole = try attach(bed, killedAfter: nil, "--policy", "exact")
                var objects = KernelObjects()
                try attached.probe.listen()
                for part in 0..<10 {
                    try attach(bed, killedAfter: whole / 10 * part, "--policy", "exact", "--compat-maps")
                    objects.formUnion(KernelObjects(pinnedBelow: bed.pinDirectory))
                    try attached.save(cwnd: 400_000, ssthresh: 300_000)
                    let server = try attached.probe.connect("\(part)").server
                    #expect(server.ssthresh == segments(300_000, mss: server.mss))
                }
                try Handover.attach(
                    to: try Cgroup(path: bed.cgroup), settings: .exact, pinDirectory: bed.pinDirectory)
                let left = objects.subtracting(KernelObjects(pinnedBelow: bed.pinDirectory))
                #expect(!left.isEmpty)
                #expect(left.left().isEmpty, "\(left.existing)")
            }
        }

        /// Runs `baton attach`, to its end or until it is killed.
        ///
        /// - Returns: how long it ran.
        @discardableResult
        private func attach(_ bed: TestBed, killedAfter limit: Duration?, _ options: String...) throws -> Duration {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Machine.product("baton"))
            process.arguments = ["attach", "--cgroup", bed.cgroup, "--pin-directory", bed.pinDirectory] + options
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            let start = ContinuousClock.now
            try process.run()
            if let limit {
                while process.isRunning, ContinuousClock.now - start < limit { usleep(500) }
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
            process.waitUntilExit()
            return ContinuousClock.now - start
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

        @Test("a handover whose cgroup was removed is attached again")
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
                let before = (KernelObjects(pinnedBelow: attached.bed.pinDirectory), try KernelObjects.heldHere())
                let error = #expect(throws: BPFError.self) {
                    try Handover.attach(
                        to: try Cgroup(path: attached.bed.cgroup), settings: settings,
                        pinDirectory: attached.bed.pinDirectory)
                }
                #expect(error?.code == .mismatch)
                #expect(KernelObjects(pinnedBelow: attached.bed.pinDirectory) == before.0)
                #expect(try KernelObjects.heldHere() == before.1)
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
