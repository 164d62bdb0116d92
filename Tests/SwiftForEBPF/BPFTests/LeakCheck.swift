// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import Foundation
import TestSupport
import Testing

/// Counts descriptors, mounts, programs, maps and links before and after a suite.
struct LeakCheck: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard Machine.canRunKernelTests else { return try await function() }
        // What is made once and kept: the kernel's types, an event loop.
        _ = Feature.all.map { $0.probe() }
        let before = try Inventory()
        try await function()
        var after = try Inventory()
        // The kernel frees some things half a second after their last reference went.
        for _ in 0..<40 where after.exceeds(before) {
            try await Task.sleep(for: .milliseconds(250))
            after = try Inventory()
        }
        let left = after.difference(from: before)
        #expect(left.isEmpty, "left behind: \(left.joined(separator: ", "))")
    }
}

extension Trait where Self == LeakCheck {
    /// Nothing of the suite is left at its end.
    static var leavesNothing: Self { LeakCheck() }
}

/// What this process, or its tests, hold.
private struct Inventory {
    private var counts: [String: Int] = [:]

    init() throws {
        for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            else { continue }
            let kind = target.hasPrefix("anon_inode:") ? target : target.prefix { $0 != ":" }.description
            // Each thread that ever ran a command has an event loop. 'NoLeakTests' counts these.
            if ["anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[timerfd]", "socket"].contains(kind) {
                continue
            }
            counts["descriptor of \(kind)", default: 0] += 1
        }
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        for line in mounts.split(separator: "\n") where line.contains("/run/bpffs\(getpid())-") {
            counts["mount \(line)", default: 0] += 1
        }
        // Others on this machine load programs too; ours have these names.
        let spec = try TestPrograms.spec()
        let programs = Set(spec.programs.map { String($0.name.prefix(15)) })
        let maps = Set(spec.maps.map { String($0.name.prefix(15)) } + ["bpftest", "BPFTestP.rodata"])
        var programIDs: Set<Int> = []
        for program in try list("prog") where programs.contains(program["name"] as? String ?? "") {
            counts["program \(program["name"] ?? "")", default: 0] += 1
            programIDs.insert(program["id"] as? Int ?? 0)
        }
        for map in try list("map") where maps.contains(map["name"] as? String ?? "") {
            counts["map \(map["name"] ?? "")", default: 0] += 1
        }
        for link in try list("link") where programIDs.contains(link["prog_id"] as? Int ?? -1) {
            counts["link of \(link["type"] ?? "")", default: 0] += 1
        }
    }

    private func list(_ kind: String) throws -> [[String: Any]] {
        try Machine.run(["bpftool", "--json", kind, "show"]).json() as? [[String: Any]] ?? []
    }

    func exceeds(_ other: Inventory) -> Bool { !difference(from: other).isEmpty }

    func difference(from other: Inventory) -> [String] {
        counts.compactMap { key, count in
            let more = count - (other.counts[key] ?? 0)
            return more > 0 ? "\(more) × \(key)" : nil
        }.sorted()
    }
}
