// SPDX-License-Identifier: Apache-2.0

package import Scenarios

/// A treatment compared with stock in one setting.
package struct Finding: Sendable {
    package let setting: Setting
    package let figures: TreatmentFigures
    package let stock: TreatmentFigures
    /// Its time to the last byte as a multiple of stock's.
    package let ratio: Ratio
    /// The same as a multiple of the bound's; nil if the bound was not measured.
    package let ratioToBound: Ratio?

    package var treatment: Treatment { figures.treatment }

    /// The sum over the connections that followed, as a multiple of stock's; nil if none followed.
    package let followingRatio: Ratio?

    /// Slower than stock.
    package var isSlower: Bool { ratio.isAboveOne }

    /// Faster than stock, by the same rule.
    package var isFaster: Bool { !isSlower && ratio.isBelowOne }

    /// Whether it retransmits many more segments: more than twice as many as stock, plus ten.
    package var retransmitsMore: Bool { (figures.retransmits ?? 0) > 2 * (stock.retransmits ?? 0) + 10 }

    /// What a competing flow received beside it, as a multiple of what it received beside stock; nil if there was none.
    package var competingRatio: Ratio? {
        guard let beside = figures.competing, let besideStock = stock.competing else { return nil }
        return Ratio(beside, to: besideStock)
    }
}

extension Analysis {
    /// Every treatment but stock in each setting where both have samples that count. Baton's treatments come first;
    /// within each group the most harmful comes first.
    package var findings: [Finding] {
        let findings = settings.flatMap { figures in
            figures.treatments.compactMap { treatment -> Finding? in
                guard treatment.treatment != .stock, let stock = figures[.stock],
                    let ratio = figures.ratio(of: treatment.treatment, to: .stock)
                else { return nil }
                let toBound =
                    treatment.treatment == .bound ? nil : figures.ratio(of: treatment.treatment, to: .bound)
                return Finding(
                    setting: figures.setting, figures: treatment, stock: stock, ratio: ratio, ratioToBound: toBound,
                    followingRatio: Ratio(treatment.following, to: stock.following))
            }
        }
        return findings.filter(\.treatment.isBaton).sorted { $0.ratio.value > $1.ratio.value }
            + findings.filter { !$0.treatment.isBaton }.sorted { $0.ratio.value > $1.ratio.value }
    }

    /// Measurements whose every attempt was spoiled.
    package var unmeasured: [(setting: Setting, treatment: Treatment, spoiled: Int)] {
        settings.flatMap { figures in
            figures.treatments.filter(\.samples.isEmpty).map { (figures.setting, $0.treatment, $0.spoiled) }
        }
    }
}
