// SPDX-License-Identifier: Apache-2.0

/// What a TCP connection starts from.
package enum Treatment: Hashable, Sendable {
    /// The kernel's default: ten segments.
    case stock
    /// The route's `initcwnd`, in segments: 2…1000.
    case initialWindow(segments: Int)
    /// The kernel's cache of what earlier connections to the peer measured (tcp_metrics), ssthresh included.
    case tcpMetrics
    /// The handover of the document "vsqoe, cwndebpf": one global entry, converted in place, a constant MSS, a clamp.
    case cwndebpf
    /// Baton's policy `exact`.
    case exact
    /// Baton's policy `careful`: Careful Resume (RFC 9959).
    case careful
    /// `careful` with the jump after the first round trip (`--jump after-first-round`).
    case carefulAfterFirstRound
    /// About the best that a sender alone can do: the route's `initcwnd` is 400 segments, the client is a default one.
    case bound
    /// `bound` with a client whose receive window is open from the start (tcp_rmem[1] = 4 MiB).
    case boundOpen
    /// An established connection at its steady window; times run from the request.
    case warm

    /// An initial window that sets no limit, in segments.
    package static let boundSegments = 400
}

extension Treatment: LosslessStringConvertible, Codable {
    /// Its spelling in scenarios and results: `stock`, `initcwnd 32`, `tcp_metrics`, `cwndebpf`, `exact`, `careful`,
    /// `careful after-first-round`, `bound`, `bound-open`, `warm`.
    package var description: String {
        switch self {
        case .stock: "stock"
        case .initialWindow(let segments): "initcwnd \(segments)"
        case .tcpMetrics: "tcp_metrics"
        case .cwndebpf: "cwndebpf"
        case .exact: "exact"
        case .careful: "careful"
        case .carefulAfterFirstRound: "careful after-first-round"
        case .bound: "bound"
        case .boundOpen: "bound-open"
        case .warm: "warm"
        }
    }

    /// All treatments but the initial windows.
    private static let named: [Treatment] = [
        .stock, .tcpMetrics, .cwndebpf, .exact, .careful, .carefulAfterFirstRound, .bound, .boundOpen, .warm,
    ]

    /// The spellings of all treatments but the initial windows.
    static var names: [String] { named.map(\.description) }

    /// All spellings, for error messages.
    package static var alternatives: String { (names + ["'initcwnd N' (N within 2…1000)"]).alternatives }

    package init?(_ text: String) {
        if let treatment = Self.named.first(where: { $0.description == text }) {
            self = treatment
            return
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == "initcwnd", let segments = Int(words[1]), (2...1000).contains(segments)
        else {
            return nil
        }
        self = .initialWindow(segments: segments)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let treatment = Treatment(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a treatment")
        }
        self = treatment
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Treatment {
    /// Options of `baton attach` and `baton serve`; nil if the treatment is not one of Baton's.
    package var batonOptions: [String]? {
        switch self {
        case .exact: ["--policy", "exact"]
        case .careful: ["--policy", "careful"]
        case .carefulAfterFirstRound: ["--policy", "careful", "--jump", "after-first-round"]
        default: nil
        }
    }
}
