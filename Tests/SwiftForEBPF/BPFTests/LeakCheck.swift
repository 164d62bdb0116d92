// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import Foundation
import TestSupport
import Testing

/// Compares what this process holds in the kernel before and after a suite.
///
/// Programs, maps and links exist for as long as a descriptor, a pin or an attachment holds them, and all of these are the
/// process's own: its descriptors, its mounts of bpffs, its namespaces, cgroups and congestion controls. The kernel's lists
/// are no measure: they have those of others on the machine as well.
struct LeakCheck: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard Machine.canRunKernelTests else { return try await function() }
        // What is made once and kept: the kernel's types, an event loop.
        _ = Feature.all.map { $0.probe() }
        let before = try Inventory()
        try await function()
        var left: [String] = []
        // The kernel frees some things a while after their last reference went.
        _ = try Patience.until {
            left = try Inventory().difference(from: before)
            return left.isEmpty
        }
        #expect(left.isEmpty, "left behind: \(left.joined(separator: ", "))")
    }
}

extension Trait where Self == LeakCheck {
    /// Nothing of the suite is left at its end.
    static var leavesNothing: Self { LeakCheck() }
}

/// What this process holds.
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
        for directory in ["/run", "/run/netns", Machine.cgroupRoot] {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            where ["bt\(getpid())-", "bpffs\(getpid())-"].contains(where: name.hasPrefix) {
                counts["\(directory)/\(name)", default: 0] += 1
            }
        }
        let controls = try String(
            contentsOfFile: "/proc/sys/net/ipv4/tcp_available_congestion_control", encoding: .utf8)
        for name in controls.split(whereSeparator: \.isWhitespace)
        where ["bpft\(getpid())", "bpftleak\(getpid())"].contains(String(name)) {
            counts["congestion control \(name)", default: 0] += 1
        }
    }

    func difference(from other: Inventory) -> [String] {
        counts.compactMap { key, count in
            let more = count - (other.counts[key] ?? 0)
            return more > 0 ? "\(more) × \(key)" : nil
        }.sorted()
    }
}
