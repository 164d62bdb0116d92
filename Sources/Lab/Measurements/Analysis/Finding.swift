// SPDX-License-Identifier: Apache-2.0

package import Scenarios

/// A treatment beside stock in one setting.
package struct Finding: Sendable {
    package let setting: Setting
    package let figures: TreatmentFigures
    package let stock: TreatmentFigures
    /// Its time to the last byte as a multiple of stock's.
    package let ratio: Ratio
    /// As a multiple of the bound's; nil where the bound wasn't measured.
    package let ratioToBound: Ratio?

    package var treatment: Treatment { figures.treatment }

    /// The sum of the connections that followed, as a multiple of stock's; nil where none followed.
    package let followingRatio: Ratio?

    /// Slower than stock.
    package var isSlower: Bool { ratio.isAboveOne }

    /// Faster than stock, by the same measure.
    package var isFaster: Bool { !isSlower && ratio.isBelowOne }

    /// Whether it sends many more segments again: more than twice as many as stock, and ten more than that.
    package var resendsMore: Bool { (figures.retransmits ?? 0) > 2 * (stock.retransmits ?? 0) + 10 }

    /// What a competing flow brought beside it, as a multiple of what it brought beside stock; nil where there was none.
    package var competingRatio: Ratio? {
        guard let beside = figures.competing, let besideStock = stock.competing else { return nil }
        return Ratio(beside, to: besideStock)
    }
}

extension Analysis {
    /// Every treatment but stock, wherever both have samples that count: Baton's first, then by harm, the greatest first.
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

    /// What was tried and never came out.
    package var unmeasured: [(setting: Setting, treatment: Treatment, spoiled: Int)] {
        settings.flatMap { figures in
            figures.treatments.filter(\.samples.isEmpty).map { (figures.setting, $0.treatment, $0.spoiled) }
        }
    }
}
