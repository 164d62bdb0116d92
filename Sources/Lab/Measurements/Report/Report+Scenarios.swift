// SPDX-License-Identifier: Apache-2.0

extension Report {
    /// A section a scenario, with everything that was measured in it.
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
            return "The results don't say what it is."
        }
        return "```yaml\n\(source.last == "\n" ? source : source + "\n")```"
    }
}
