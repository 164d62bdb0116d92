// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared

/// How the saved window is used.
public enum Policy: String, CaseIterable, Sendable {
    /// cwnd and ssthresh exactly as saved, the first flight paced over a round trip.
    case exact

    var rawKernelValue: UInt32 { KernelConfiguration.exactPolicy }

    init?(rawKernelValue: UInt32) {
        guard rawKernelValue == KernelConfiguration.exactPolicy else { return nil }
        self = .exact
    }
}

/// When a TCP connection may take over from a QUIC connection.
public enum Gate: String, CaseIterable, Sendable {
    /// When the record says that the QUIC connection has fallen, or its peer was silent for max(3 × srtt, 250 ms).
    case quiet
    /// At once, even beside a living QUIC connection.
    case always
    /// Never: decisions are counted and shown, nothing is set.
    case never

    var rawKernelValue: UInt32 {
        switch self {
        case .quiet: KernelConfiguration.quietGate
        case .always: KernelConfiguration.alwaysGate
        case .never: KernelConfiguration.neverGate
        }
    }

    init?(rawKernelValue: UInt32) {
        guard let gate = Gate.allCases.first(where: { $0.rawKernelValue == rawKernelValue }) else { return nil }
        self = gate
    }
}

/// What `HandOver.attach` is to do.
public struct Settings: Sendable, Equatable {
    /// How saved values are used.
    public var policy = Policy.exact
    /// When TCP may take over.
    public var gate = Gate.quiet
    /// How long saved parameters may be used that bring no lifetime of their own. 1 s … 1 day.
    public var lifetime = Duration.seconds(60)
    /// No larger window is handed over, bytes. 1 … 1 GiB.
    public var maxWindowBytes: UInt64 = 64 << 20
    /// How many endpoints may have a record; the least recently used give way. 1 … 16,777,216.
    public var capacity: UInt32 = 65_536
    /// Whether the maps CwndMap, SSThreshMap and FallbackMap exist, for peers without a record.
    public var hasSeedMaps = false

    /// The settings of `baton attach` without options.
    public init() {}

    /// Of `lifetime`.
    public static let lifetimeRange = Duration.seconds(1)...Duration.seconds(86_400)
    /// Of `maxWindowBytes`.
    public static let maxWindowRange: ClosedRange<UInt64> = 1...(1 << 30)
    /// Of `capacity`.
    public static let capacityRange: ClosedRange<UInt32> = 1...16_777_216

    /// - Throws: `invalid`, naming the value and its range.
    public func validate() throws(BPFError) {
        func demand(_ holds: Bool, _ name: String, _ value: String, _ range: String) throws(BPFError) {
            if !holds { throw BPFError(.invalid, "\(name) \(value)", reason: "it must lie in \(range)") }
        }
        try demand(Settings.lifetimeRange.contains(lifetime), "lifetime", lifetime.text, "1s … 1d")
        try demand(
            Settings.maxWindowRange.contains(maxWindowBytes), "window of", "\(maxWindowBytes) bytes", "1B … 1GiB")
        try demand(Settings.capacityRange.contains(capacity), "capacity", "\(capacity)", "1 … 16777216")
    }

    func kernelConfiguration(seam: String, owner: UInt32) -> KernelConfiguration {
        KernelConfiguration(
            policy: policy.rawKernelValue, gate: gate.rawKernelValue, owner: owner,
            lifetimeNanoseconds: lifetime.nanoseconds,
            maxWindowBytes: maxWindowBytes, seam: CongestionControlName(seam))
    }
}

extension CongestionControlName {
    /// - Parameter text: at most 15 bytes; more are cut off.
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
