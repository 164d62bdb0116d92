// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared

/// What is attached, its settings and its counts.
public struct Status: Sendable {
    /// The settings in use.
    public var settings: Settings
    /// The process that attached the handover for its own lifetime, as `baton serve` does; 0: none.
    public var owner: Int32
    /// The path of the cgroup; `nil` if it was removed, or lies outside the mounted hierarchy.
    public var cgroup: String?
    /// Name of the handover's congestion control.
    public var control: String
    /// How many endpoints have a record.
    public var recordCount: Int
    /// How many decisions had each outcome.
    public var outcomes: [(outcome: Outcome, count: UInt64)]
    /// How many phase changes each trigger caused, under the policy `careful`.
    public var triggers: [(trigger: Trigger, count: UInt64)]
    /// The rules for networks.
    public var rules: [(prefix: NetworkPrefix, rule: PrefixRule)]
    /// The kernel's ID of the sock_ops program.
    public var programID: UInt32
    /// The time that the program ran while `kernel.bpf_stats_enabled` was 1.
    public var runTimeNanoseconds: UInt64
    /// How often the program ran while `kernel.bpf_stats_enabled` was 1.
    public var runCount: UInt64
}

extension Handover {
    /// Reads the settings and counts.
    ///
    /// - Throws: `notFound` if a pin of the handover is gone.
    public func status() throws(BPFError) -> Status {
        let configuration = try configurationMap.value(at: 0)
        var settings = Settings()
        settings.policy = Policy(rawValue: configuration.policy) ?? .exact
        settings.gate = Gate(rawValue: configuration.gate) ?? .quiet
        settings.lifetime = Duration(nanoseconds: configuration.lifetimeNanoseconds)
        settings.maxWindowBytes = configuration.maxWindowBytes
        settings.jump = Jump(rawValue: configuration.jump) ?? .atOnce
        settings.maxJumpBytes = configuration.maxJumpBytes
        settings.minimumWindowBytes = configuration.minimumWindowBytes
        settings.betaPercent = configuration.betaPercent
        settings.rttPercent = configuration.lowestRTTPercent...configuration.highestRTTPercent
        settings.capacity = UInt32(saved.maxEntries)
        settings.hasCompatMaps = Pin.exists(pins.map("CwndMap"))

        let link = try CgroupLink(pinnedAt: pins.resumeLink)
        let cgroupID = try link.cgroupID()
        let program = try SockOpsProgram(pinnedAt: pins.resumeProgram).info()
        return Status(
            settings: settings, owner: Int32(bitPattern: configuration.owner),
            cgroup: Mounts.cgroup2.flatMap { Cgroup.path(ofID: cgroupID, below: $0) },
            control: configuration.control.text, recordCount: try saved.keys().count, outcomes: try outcomes(),
            triggers: try triggers(), rules: try rules(),
            programID: try link.info().programID, runTimeNanoseconds: program.runTimeNanoseconds,
            runCount: program.runCount)
    }
}
