// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

extension Report {
    /// One section per scenario, with everything that was measured in it.
    var scenarioSections: [String] {
        let sections = analysis.scenarios.flatMap { name -> [String] in
            let settings = analysis.settings.filter { $0.setting.scenario == name }
            let parts = settings.parts
            return ["### \(name)", source(of: name)]
                + parts.flatMap { part in
                    [part.title(among: parts), part.times, part.network, part.fallback]
                } + [pictures(of: name)]
        }
        return sections.isEmpty ? [] : ["## Scenarios"] + sections
    }

    private func source(of scenario: String) -> String {
        guard let source = analysis.results.headers.compactMap({ $0.scenarios[scenario] }).last else {
            return "The results don't record this scenario's file."
        }
        return "```yaml\n\(source.last == "\n" ? source : source + "\n")```"
    }
}

/// The content of one table: the loads of one client and one congestion control.
struct ScenarioPart {
    let settings: [SettingFigures]

    func title(among parts: [ScenarioPart]) -> String {
        guard parts.count > 1, let setting = settings.first?.setting else { return "" }
        return "#### \(setting.congestionControl), client \(setting.client.rawValue)"
    }

    private var rows: [(load: String, setting: SettingFigures, figures: TreatmentFigures)] {
        settings.flatMap { setting in
            setting.treatments.map { (setting.setting.load.description, setting, $0) }
        }
    }

    var times: String {
        var table = MarkdownTable(
            .text("load"), .text("treatment"), .number("n"), .number("spoiled"), .number("min"), .number("median"),
            .number("p95"), .number("× stock"), .number("95 %"), .number("× bound"), .number("95 %"),
            .number("first byte"), .number("page load"))
        for (load, setting, figures) in rows {
            let time = figures.lastByte
            let toStock = figures.treatment == .stock ? nil : setting.ratio(of: figures.treatment, to: .stock)
            let toBound = figures.treatment == .bound ? nil : setting.ratio(of: figures.treatment, to: .bound)
            table.add(
                load, figures.treatment.description, "\(figures.samples.count)", "\(figures.spoiled)",
                NumberText.milliseconds(time?.minimum), NumberText.milliseconds(time?.median),
                NumberText.milliseconds(time?.percentile95), NumberText.ratio(toStock),
                NumberText.interval(toStock?.interval), NumberText.ratio(toBound),
                NumberText.interval(toBound?.interval),
                NumberText.milliseconds(figures.median(\.firstByteMilliseconds)),
                NumberText.milliseconds(figures.median(\.pageLoadMilliseconds)))
        }
        return table.withoutAbsentColumns.text
    }

    var network: String {
        var table = MarkdownTable(
            .text("load"), .text("treatment"), .number("retransmitted"), .number("queue drops"), .number("lost"),
            .number("mean queue"), .number("peak queue"), .number("start cwnd"), .number("ssthresh"),
            .text("decisions"))
        for (load, _, figures) in rows where !figures.samples.isEmpty {
            table.add(
                load, figures.treatment.description, NumberText.count(figures.retransmits),
                NumberText.count(figures.median { Double($0.path.forward.queueDrops) }),
                NumberText.count(figures.median { Double($0.path.forward.randomDrops) }),
                delay(figures, \.averageQueueDelayNanoseconds), delay(figures, \.maxQueueDelayNanoseconds),
                NumberText.count(figures.median { $0.start.map { Double($0.cwndSegments) } }), ssthresh(of: figures),
                figures.outcomes.text)
        }
        let text = table.withoutAbsentColumns.text
        return text.isEmpty
            ? "" : "On the server's side; queueing delay in ms, cwnd and ssthresh in segments:\n\n" + text
    }

    private func delay(_ figures: TreatmentFigures, _ value: (DirectionReport) -> Int64) -> String {
        NumberText.milliseconds(nanoseconds: figures.median { Double(value($0.path.forward)) })
    }

    /// The median of the finite values.
    private func ssthresh(of figures: TreatmentFigures) -> String {
        let starts = figures.samples.compactMap(\.start)
        guard !starts.isEmpty else { return NumberText.absent }
        let finite = starts.compactMap { $0.ssthreshSegments.map(Double.init) }
        return finite.isEmpty ? "infinite" : NumberText.count(Statistics.median(finite))
    }

    var fallback: String {
        var table = MarkdownTable(
            .text("load"), .text("treatment"), .number("break to last byte"), .number("× stock"), .number("95 %"),
            .number("detection"), .number("connection"), .number("transfer"), .number("following, sum"),
            .number("× stock"), .number("95 %"))
        for (load, setting, figures) in rows {
            let total = figures.breakToLastByte
            let following = figures.following
            guard total != nil || following != nil else { continue }
            let stock = figures.treatment == .stock ? nil : setting[.stock]
            let toStock = Ratio(total, to: stock?.breakToLastByte)
            let followingToStock = Ratio(following, to: stock?.following)
            table.add(
                load, figures.treatment.description, NumberText.milliseconds(total?.median),
                NumberText.ratio(toStock), NumberText.interval(toStock?.interval),
                NumberText.milliseconds(figures.median(\.detectionMilliseconds)),
                NumberText.milliseconds(figures.median(\.connectionMilliseconds)),
                NumberText.milliseconds(figures.median(\.transferMilliseconds)),
                NumberText.milliseconds(following?.median), NumberText.ratio(followingToStock),
                NumberText.interval(followingToStock?.interval))
        }
        let text = table.withoutAbsentColumns.text
        guard !text.isEmpty else { return "" }
        return "The whole fallback, from the moment the path broke, and the connections that followed it:\n\n" + text
    }
}

extension [SettingFigures] {
    /// Grouped by client and congestion control, in order.
    var parts: [ScenarioPart] {
        reduce(into: [[SettingFigures]]()) { parts, figures in
            let place = parts.firstIndex {
                $0[0].setting.client == figures.setting.client
                    && $0[0].setting.congestionControl == figures.setting.congestionControl
            }
            if let place { parts[place].append(figures) } else { parts.append([figures]) }
        }.map(ScenarioPart.init)
    }
}
