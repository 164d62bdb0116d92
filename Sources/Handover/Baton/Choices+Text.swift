// SPDX-License-Identifier: Apache-2.0

public import BatonShared

/// A setting with named values, for the command line, configurations and JSON.
public protocol NamedChoice: CaseIterable, Sendable {
    /// The name, for example `at-once`.
    var name: String { get }
}

extension NamedChoice {
    /// The value with this name; `nil` if there is none.
    public init?(name: String) {
        guard let choice = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = choice
    }
}

extension Policy: NamedChoice {
    /// `exact` or `careful`.
    public var name: String {
        switch self {
        case .exact: "exact"
        case .careful: "careful"
        }
    }
}

extension Gate: NamedChoice {
    /// `quiet`, `always` or `never`.
    public var name: String {
        switch self {
        case .quiet: "quiet"
        case .always: "always"
        case .never: "never"
        }
    }
}

extension Jump: NamedChoice {
    /// `at-once` or `after-first-round`.
    public var name: String {
        switch self {
        case .atOnce: "at-once"
        case .afterFirstRound: "after-first-round"
        }
    }
}
