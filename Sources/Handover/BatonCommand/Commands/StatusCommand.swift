// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is attached, its settings, and how often each decision was made.",
        discussion: """
            Decisions, and triggers of phase changes, are counted since the handover was attached; a replacing \
            'attach' keeps the counts. What the program costs per call is shown if the kernel measured it (sysctl \
            kernel.bpf_stats_enabled=1).
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        guard let status = try attachedStatus() else {
            if common.json {
                try printJSON(Absent(schema: schemaVersion, attached: false, pinDirectory: common.pinDirectory))
            } else {
                print("nothing is attached at \(common.pinDirectory)")
            }
            return
        }
        if common.json { try printJSON(StatusJSON(status, common.pinDirectory)) } else { printForPeople(status) }
    }

    private func attachedStatus() throws(BPFError) -> Status? {
        do throws(BPFError) { return try Handover(pinDirectory: common.pinDirectory).status() } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    private func printForPeople(_ status: Status) {
        let settings = status.settings
        var rows = [
            ["attached to", status.cgroup ?? "a cgroup that was removed, or isn't visible here"],
            ["pinned at", common.pinDirectory + (status.owner == 0 ? "" : ", attached by process \(status.owner)")],
            ["policy, gate", "\(settings.policy.name), \(settings.gate.name)"],
            ["lifetime", settings.lifetime.text],
            ["max window", ByteCount.text(settings.maxWindowBytes)],
            ["RTT bounds", "\(settings.rttPercent.text) % of the saved RTT"],
        ]
        if settings.policy == .careful { rows += carefulRows(settings) }
        rows += [
            ["records", "\(status.recordCount) of at most \(settings.capacity)"],
            ["rules", "\(status.rules.count) for networks"],
            ["compat maps", settings.hasCompatMaps ? "yes" : "no"],
            ["congestion control", status.control],
        ]
        if status.runCount > 0 {
            let mean = status.runTimeNanoseconds / status.runCount
            rows.append(["cost", "\(mean) ns per call, \(status.runCount) calls (kernel.bpf_stats_enabled)"])
        }
        for (outcome, count) in status.outcomes { rows.append([outcome.words, "\(count)"]) }
        if settings.policy == .careful {
            for (trigger, count) in status.triggers where count > 0 {
                rows.append(["trigger \(trigger.name)", "\(count)"])
            }
        }
        printTable(rows)
    }

    private func carefulRows(_ settings: Settings) -> [[String]] {
        [
            ["jump, max jump", "\(settings.jump.name), \(ByteCount.text(settings.maxJumpBytes))"],
            ["beta", settings.betaPercent == 0 ? "70 % for cubic, 50 % for others" : "\(settings.betaPercent) %"],
            [
                "min window",
                settings.minimumWindowBytes == 0
                    ? "four initial windows" : ByteCount.text(settings.minimumWindowBytes),
            ],
        ]
    }

    private struct Absent: Encodable {
        var schema: Int
        var attached: Bool
        var pinDirectory: String
    }
}

private struct StatusJSON: Encodable {
    var schema = schemaVersion
    var attached = true
    var pinDirectory: String
    var cgroup: Nullable<String>
    /// `null`: none.
    var ownerPid: Nullable<Int32>
    var policy: String
    var gate: String
    var lifetimeNs: UInt64
    var maxWindowBytes: UInt64
    var lowestRttPercent: UInt32
    var highestRttPercent: UInt32
    /// `null` under the policy `exact`.
    var careful: Nullable<CarefulJSON>
    var capacity: UInt32
    var compatMaps: Bool
    var congestionControl: String
    var records: Int
    var rules: Int
    var outcomes: [String: UInt64]
    /// How many phase changes each trigger caused.
    var triggers: [String: UInt64]
    var programId: UInt32
    var runTimeNs: UInt64
    var runCount: UInt64

    init(_ status: Status, _ directory: String) {
        pinDirectory = directory
        cgroup = Nullable(status.cgroup)
        ownerPid = Nullable(status.owner == 0 ? nil : status.owner)
        policy = status.settings.policy.name
        gate = status.settings.gate.name
        lifetimeNs = status.settings.lifetime.nanoseconds
        maxWindowBytes = status.settings.maxWindowBytes
        lowestRttPercent = status.settings.rttPercent.lowerBound
        highestRttPercent = status.settings.rttPercent.upperBound
        careful = Nullable(status.settings.policy == .careful ? CarefulJSON(status.settings) : nil)
        capacity = status.settings.capacity
        compatMaps = status.settings.hasCompatMaps
        congestionControl = status.control
        records = status.recordCount
        rules = status.rules.count
        outcomes = Dictionary(uniqueKeysWithValues: status.outcomes.map { ($0.outcome.name, $0.count) })
        triggers = Dictionary(uniqueKeysWithValues: status.triggers.map { ($0.trigger.name, $0.count) })
        programId = status.programID
        runTimeNs = status.runTimeNanoseconds
        runCount = status.runCount
    }
}

/// The settings of the policy `careful`.
private struct CarefulJSON: Encodable {
    var jump: String
    var maxJumpBytes: UInt64
    /// `null`: 70 for connections that use cubic, 50 for others.
    var betaPercent: Nullable<UInt32>
    /// `null`: four initial windows of the connection.
    var minWindowBytes: Nullable<UInt64>

    init(_ settings: Settings) {
        jump = settings.jump.name
        maxJumpBytes = settings.maxJumpBytes
        betaPercent = Nullable(settings.betaPercent == 0 ? nil : settings.betaPercent)
        minWindowBytes = Nullable(settings.minimumWindowBytes == 0 ? nil : settings.minimumWindowBytes)
    }
}
