// SPDX-License-Identifier: Apache-2.0

/// The first line of results.jsonl: what the samples after it were measured on and with. A resumed run writes another.
/// Schema 1.
package struct RunHeader: Codable, Equatable, Sendable {
    /// Version of this record's layout.
    package var schema = 1
    /// `run`.
    package var type = "run"
    /// In seconds since 1970.
    package var startedAt: Double
    /// What `uname -r` says.
    package var kernelRelease: String
    /// Number of processors that the run could use.
    package var processors: Int
    /// Whether time was virtual (a VM that counts instructions).
    package var virtualTime: Bool
    /// Versions by program: `baton`, `libcurl`, `chromium`.
    package var versions: [String: String]
    /// Random seed of the run; each round's seed is derived from it.
    package var seed: UInt64
    /// Rounds given on the command line; nil: those of each scenario.
    package var rounds: Int?
    /// The scenarios' whole files, by name.
    package var scenarios: [String: String]

    package init(
        startedAt: Double, kernelRelease: String, processors: Int, virtualTime: Bool, versions: [String: String],
        seed: UInt64, rounds: Int?, scenarios: [String: String]
    ) {
        self.startedAt = startedAt
        self.kernelRelease = kernelRelease
        self.processors = processors
        self.virtualTime = virtualTime
        self.versions = versions
        self.seed = seed
        self.rounds = rounds
        self.scenarios = scenarios
    }

    enum CodingKeys: String, CodingKey {
        case schema
        case type
        case startedAt = "started_at_s"
        case kernelRelease = "kernel_release"
        case processors
        case virtualTime = "virtual_time"
        case versions
        case seed
        case rounds
        case scenarios
    }
}
