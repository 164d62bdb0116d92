// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Baton
public import BatonShared

// By name, and not by the raw value, which is the kernel's.

extension Policy: ExpressibleByArgument {
    /// By its name.
    public init?(argument: String) { self.init(name: argument) }
    /// Its name.
    public var defaultValueDescription: String { name }
    /// All names.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

extension Gate: ExpressibleByArgument {
    /// By its name.
    public init?(argument: String) { self.init(name: argument) }
    /// Its name.
    public var defaultValueDescription: String { name }
    /// All names.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

extension Jump: ExpressibleByArgument {
    /// By its name.
    public init?(argument: String) { self.init(name: argument) }
    /// Its name.
    public var defaultValueDescription: String { name }
    /// All names.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

/// Where and how the handover is attached; for `attach` and `serve`.
package struct HandoverOptions: ParsableArguments {
    @Option(help: "How saved values are used: exact, or careful (RFC 9959).")
    package var policy = Settings().policy

    @Option(help: "When TCP may take over: quiet (QUIC fell or went silent), always, never.")
    package var gate = Gate.quiet

    @Option(parsing: .unconditional, help: "How long saved values may be used.", transform: Read.lifetime)
    package var lifetime = Settings().lifetime

    @Option(parsing: .unconditional, help: "No larger window is handed over.", transform: Read.maxWindow)
    package var maxWindow = Settings().maxWindowBytes

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Between which RTTs, in per cent of the saved one, a path is taken for the saved one. Both policies; default: "
                + "\(Settings().rttPercent.text).",
            valueName: "low..high"),
        transform: Read.rttBounds)
    package var rttBounds: ClosedRange<UInt32>?

    @Option(
        help: """
            When the jump may begin: at-once (the handshake's RTT confirms the path) or after-first-round (all initial data \
            was acknowledged). Policy careful; default: \(Settings().jump.name).
            """)
    package var jump: Jump?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "No larger jump. Policy careful; default: \(Settings().maxJumpBytes >> 20)MiB.", valueName: "bytes"),
        transform: Read.maxJump)
    package var maxJump: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What of the validated window becomes the threshold after a Safe Retreat, 10 to 90. Policy careful; default: 70 "
                + "for connections of cubic, 50 for others.",
            valueName: "percent"),
        transform: Read.beta)
    package var beta: UInt32?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Records with a smaller window aren't used. Policy careful; default: four initial windows of the connection.",
            valueName: "bytes"),
        transform: Read.minWindow)
    package var minWindow: UInt64?

    @Option(parsing: .unconditional, help: "For how many endpoints values are kept.", transform: Read.capacity)
    package var capacity = Settings().capacity

    @Flag(help: "Also make the maps CwndMap, SSThreshMap and FallbackMap, for peers without a record.")
    package var compatMaps = false

    package init() {}

    package func validate() throws {
        guard policy != .careful else { return }
        let given = [
            ("--jump", jump != nil), ("--max-jump", maxJump != nil), ("--beta", beta != nil),
            ("--min-window", minWindow != nil),
        ]
        if let option = given.first(where: \.1)?.0 {
            throw ValidationError(
                "\(option) is of the policy careful, and not of --policy \(policy.name); leave it out, or give "
                    + "--policy careful")
        }
    }

    package var settings: Settings {
        var settings = Settings()
        settings.policy = policy
        settings.gate = gate
        settings.lifetime = lifetime
        settings.maxWindowBytes = maxWindow
        settings.capacity = capacity
        settings.hasCompatMaps = compatMaps
        if let rttBounds { settings.rttPercent = rttBounds }
        if let jump { settings.jump = jump }
        if let maxJump { settings.maxJumpBytes = maxJump }
        if let beta { settings.betaPercent = beta }
        if let minWindow { settings.minimumWindowBytes = minWindow }
        return settings
    }
}

extension ClosedRange<UInt32> {
    /// As `--rtt-bounds` takes it.
    package var text: String { "\(lowerBound)..\(upperBound)" }
}
