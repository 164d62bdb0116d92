// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
package import Baton
public import BatonShared

// Choices are given by name, and ArgumentParser knows an enum by its raw value, here the kernel's number: its help
// would show "default: 2". So the options below are optionals, their help says the default, and each name has a
// description.

extension Policy: ExpressibleByArgument {
    /// The choice of this name; `nil` if there is none.
    public init?(argument: String) { self.init(name: argument) }
    /// The names of all choices.
    public static var allValueStrings: [String] { allCases.map(\.name) }
    /// What each choice means, by name.
    public static var allValueDescriptions: [String: String] {
        describe { policy in
            switch policy {
            case .exact: "Set the saved window and slow start threshold, and pace the first flight."
            case .careful:
                "RFC 9959: jump to at most half of the saved window, validate the jump, take it back after congestion."
            }
        }
    }
}

extension Gate: ExpressibleByArgument {
    /// The choice of this name; `nil` if there is none.
    public init?(argument: String) { self.init(name: argument) }
    /// The names of all choices.
    public static var allValueStrings: [String] { allCases.map(\.name) }
    /// What each choice means, by name.
    public static var allValueDescriptions: [String: String] {
        describe { gate in
            switch gate {
            case .quiet:
                "When the QUIC connection has failed, or its peer wasn't heard for longer than max(3 × RTT, 250 ms)."
            case .always: "At once, even while the QUIC connection is alive."
            case .never: "Never: decisions are only counted and shown."
            }
        }
    }
}

extension Jump: ExpressibleByArgument {
    /// The choice of this name; `nil` if there is none.
    public init?(argument: String) { self.init(name: argument) }
    /// The names of all choices.
    public static var allValueStrings: [String] { allCases.map(\.name) }
    /// What each choice means, by name.
    public static var allValueDescriptions: [String: String] {
        describe { jump in
            switch jump {
            case .atOnce: "With the first flight: the handshake's RTT confirms the path."
            case .afterFirstRound: "When all initial data has been acknowledged without congestion."
            }
        }
    }
}

extension NamedChoice {
    /// The descriptions by name, as ArgumentParser takes them.
    fileprivate static func describe(_ description: (Self) -> String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, description($0)) })
    }
}

/// The settings of a handover as options, for `attach` and `serve`.
package struct HandoverOptions: ParsableArguments {
    @Option(help: "How a record is used. Default: \(Settings().policy.name).")
    package var policy: Policy?

    @Option(help: "When TCP may use a record. Default: \(Settings().gate.name).")
    package var gate: Gate?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a record without a lifetime of its own may be used, 1s to 1d; a bare number is in seconds. "
                + "Default: \(Settings().lifetime.text).",
            valueName: "time"),
        transform: Read.lifetime)
    package var lifetime = Settings().lifetime

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest window that a connection is given, 1B to 1GiB; a bare number is in bytes. Default: "
                + "\(Settings().maxWindowBytes >> 20)MiB.",
            valueName: "size"),
        transform: Read.maxWindow)
    package var maxWindow = Settings().maxWindowBytes

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Which RTTs count as the saved path's, in percent of the saved RTT: above the lower bound, and not above "
                + "the upper one; 1 to 100000 each. Default: \(Settings().rttPercent.text).",
            valueName: "low..high"),
        transform: Read.rttBounds)
    package var rttBounds: ClosedRange<UInt32>?

    @Option(help: "When the jump may begin. Policy careful only; default: \(Settings().jump.name).")
    package var jump: Jump?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest jump, 1B to 1GiB; a bare number is in bytes. Policy careful only; default: "
                + "\(Settings().maxJumpBytes >> 20)MiB.",
            valueName: "size"),
        transform: Read.maxJump)
    package var maxJump: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The slow start threshold after a Safe Retreat, in percent of the window that the jump validated, 10 to "
                + "90. Policy careful only; default: 70 for connections that use cubic, 50 for others.",
            valueName: "percent"),
        transform: Read.beta)
    package var beta: UInt32?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The smallest window that is saved, or used for a jump, 1B to 1GiB; a bare number is in bytes. Policy "
                + "careful only; default: four initial windows of the connection.",
            valueName: "size"),
        transform: Read.minWindow)
    package var minWindow: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How many addresses can have a record, 1 to 16777216; the least recently used ones are replaced. It can't "
                + "change while a handover is attached. Default: \(Settings().capacity).",
            valueName: "count"),
        transform: Read.capacity)
    package var capacity = Settings().capacity

    @Flag(
        help: """
            Also create cwndebpf's maps CwndMap, SSThreshMap and FallbackMap. Accepted connections whose client has no \
            record start from their values while FallbackMap isn't 0.
            """)
    package var compatMaps = false

    package init() {}

    package func validate() throws {
        let policy = settings.policy
        guard policy != .careful else { return }
        let given = [
            ("--jump", jump != nil), ("--max-jump", maxJump != nil), ("--beta", beta != nil),
            ("--min-window", minWindow != nil),
        ]
        if let option = given.first(where: \.1)?.0 {
            throw ValidationError(
                "\(option) needs --policy careful, and has no meaning with --policy \(policy.name); leave out one of "
                    + "the two options")
        }
    }

    package var settings: Settings {
        var settings = Settings()
        if let policy { settings.policy = policy }
        if let gate { settings.gate = gate }
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
    /// The range in the form of `--rtt-bounds`: `50..1000`.
    package var text: String { "\(lowerBound)..\(upperBound)" }
}
