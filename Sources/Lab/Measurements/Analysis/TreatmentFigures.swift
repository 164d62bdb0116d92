// SPDX-License-Identifier: Apache-2.0

package import Scenarios

/// The figures of one treatment in one setting, over all rounds.
package struct TreatmentFigures: Equatable, Sendable {
    package let treatment: Treatment
    /// The samples that count.
    package let samples: [Sample]
    /// How many samples were spoiled.
    package let spoiled: Int

    init(_ treatment: Treatment, _ samples: [Sample]) {
        self.treatment = treatment
        self.samples = samples.filter { $0.spoiled == nil }
        spoiled = samples.count - self.samples.count
    }

    /// The figures of any value of the samples; nil if no sample has it.
    package func figures(_ value: (Sample) -> Double?) -> Figures? { Figures(samples.compactMap(value)) }

    /// The median of any value of the samples.
    package func median(_ value: (Sample) -> Double?) -> Double? { Statistics.median(samples.compactMap(value)) }

    /// To the last byte (ms).
    package var lastByte: Figures? { figures(\.lastByteMilliseconds) }

    /// Segments retransmitted.
    package var retransmits: Double? { median { Double($0.retransmits) } }

    /// The sum over the connections that followed (ms).
    package var following: Figures? {
        figures { $0.followingMilliseconds.isEmpty ? nil : $0.followingMilliseconds.reduce(0, +) }
    }

    /// From the moment the path broke to the last byte (ms).
    package var breakToLastByte: Figures? { figures(\.breakToLastByteMilliseconds) }

    /// What the competing flow received meanwhile (bytes).
    package var competing: Figures? { figures { $0.competingBytes.map(Double.init) } }

    /// Baton's decisions, summed over all samples.
    package var outcomes: [String: Int64] {
        samples.reduce(into: [:]) { sums, sample in
            sums.merge(sample.outcomes) { $0 + $1 }
        }
    }
}

extension Treatment {
    /// Whether it is one of Baton's policies.
    package var isBaton: Bool { batonOptions != nil }

    /// Its place in tables: stock first, then what is compared with it, then the bounds.
    var rank: Int {
        switch self {
        case .stock: 0
        case .initialWindow(let segments): segments
        case .tcpMetrics: 2000
        case .cwndebpf: 2001
        case .exact: 2002
        case .careful: 2003
        case .carefulAfterFirstRound: 2004
        case .bound: 3000
        case .boundOpen: 3001
        case .warm: 3002
        }
    }
}
