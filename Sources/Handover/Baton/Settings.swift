// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared

/// The settings of a handover, for `Handover.attach`.
public struct Settings: Sendable, Equatable {
    /// How records are used.
    public var policy = Policy.careful
    /// When TCP may use a record.
    public var gate = Gate.quiet
    /// How long records without a lifetime of their own may be used. 1 s … 1 day.
    public var lifetime = Duration.seconds(60)
    /// The largest window that a connection is given, bytes. 1 … 1 GiB.
    public var maxWindowBytes: UInt64 = 64 << 20
    /// When a jump may begin. Policy `careful` only.
    public var jump = Jump.atOnce
    /// The largest jump, RFC 9959's `max_jump`, bytes. 1 … 1 GiB. Policy `careful` only.
    public var maxJumpBytes: UInt64 = 64 << 20
    /// The smallest window that is saved, or used for a jump under the policy `careful`, bytes. 1 … 1 GiB, or 0: four
    /// initial windows of the connection (RFC 9959 §3.1).
    public var minimumWindowBytes: UInt64 = 0
    /// RFC 9959's Beta: the slow start threshold after a Safe Retreat, in percent of the PipeSize. 10 … 90, or 0: 70
    /// for sockets that use cubic, 50 for others. Policy `careful` only.
    public var betaPercent: UInt32 = 0
    /// Which RTTs count as the saved path's, in percent of the saved RTT: those above the lower bound, and not above
    /// the upper one (RFC 9959 §3.2, §4.2.1). 1 … 100,000 each. Both policies.
    public var rttPercent: ClosedRange<UInt32> = 50...1000
    /// How many endpoints can have a record; the least recently used ones are replaced. 1 … 16,777,216.
    public var capacity: UInt32 = 65_536
    /// Whether cwndebpf's maps CwndMap, SSThreshMap and FallbackMap exist, for accepted connections whose peer has no
    /// record.
    public var hasCompatMaps = false

    /// The settings of `baton attach` without options.
    public init() {}

    /// The range of `lifetime`.
    public static let lifetimeRange = Duration.seconds(1)...Duration.seconds(86_400)
    /// The range of `maxWindowBytes`.
    public static let maxWindowRange: ClosedRange<UInt64> = 1...(1 << 30)
    /// The range of `maxJumpBytes`.
    public static let maxJumpRange: ClosedRange<UInt64> = 1...(1 << 30)
    /// The range of `minimumWindowBytes`.
    public static let minimumWindowRange: ClosedRange<UInt64> = 0...(1 << 30)
    /// The range of `betaPercent`, unless it is 0.
    public static let betaRange: ClosedRange<UInt32> = 10...90
    /// The range of both ends of `rttPercent`.
    public static let rttPercentRange: ClosedRange<UInt32> = 1...100_000
    /// The range of `capacity`.
    public static let capacityRange: ClosedRange<UInt32> = 1...16_777_216

    /// Checks each value against its range.
    ///
    /// - Throws: `invalid`, naming the value and its range.
    public func validate() throws(BPFError) {
        func demand(_ holds: Bool, _ name: String, _ value: String, _ range: String) throws(BPFError) {
            if !holds { throw BPFError(.invalid, "\(name) \(value)", reason: "it must be within \(range)") }
        }
        try demand(Settings.lifetimeRange.contains(lifetime), "lifetime", lifetime.text, "1s … 1d")
        try demand(
            Settings.maxWindowRange.contains(maxWindowBytes), "window of", "\(maxWindowBytes) bytes", "1B … 1GiB")
        try demand(Settings.maxJumpRange.contains(maxJumpBytes), "jump of", "\(maxJumpBytes) bytes", "1B … 1GiB")
        try demand(
            Settings.minimumWindowRange.contains(minimumWindowBytes), "minimum window of",
            "\(minimumWindowBytes) bytes", "0B … 1GiB")
        try demand(
            betaPercent == 0 || Settings.betaRange.contains(betaPercent), "Beta of", "\(betaPercent) %", "10 … 90")
        try demand(
            Settings.rttPercentRange.contains(rttPercent.lowerBound)
                && Settings.rttPercentRange.contains(rttPercent.upperBound), "RTT bounds of",
            "\(rttPercent.lowerBound) and \(rttPercent.upperBound) %", "1 … 100000")
        if rttPercent.lowerBound == rttPercent.upperBound {
            throw BPFError(
                .invalid, "RTT bounds of \(rttPercent.lowerBound) % both",
                reason: "the lower one must be below the upper one")
        }
        try demand(Settings.capacityRange.contains(capacity), "capacity", "\(capacity)", "1 … 16777216")
    }

    func kernelConfiguration(control: String, owner: UInt32) -> KernelConfiguration {
        KernelConfiguration(
            policy: policy.rawValue, gate: gate.rawValue, owner: owner,
            lifetimeNanoseconds: lifetime.nanoseconds,
            maxWindowBytes: maxWindowBytes, control: CongestionControlName(control), maxJumpBytes: maxJumpBytes,
            minimumWindowBytes: minimumWindowBytes, jump: jump.rawValue, betaPercent: betaPercent,
            lowestRTTPercent: rttPercent.lowerBound, highestRTTPercent: rttPercent.upperBound)
    }
}

extension CongestionControlName {
    /// The name with this text.
    ///
    /// - Parameter text: at most 15 bytes; the rest is cut off.
    public init(_ text: String) {
        self.init()
        withUnsafeMutableBytes(of: &self) { buffer in
            for (index, byte) in text.utf8.prefix(15).enumerated() { buffer[index] = byte }
        }
    }

    /// The name without its padding.
    public var text: String {
        withUnsafeBytes(of: self) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
