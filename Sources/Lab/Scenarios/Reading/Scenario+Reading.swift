// SPDX-License-Identifier: Apache-2.0

import PathEmulator

extension Scenario {
    /// A scenario from its file.
    ///
    /// - Throws: everything that is wrong with it.
    package static func read(file path: String) throws(ScenarioError) -> Scenario {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let name = Catalogue.name(ofFile: file)
        guard let name, Catalogue.isName(name) else {
            let expected =
                "lower-case letters, digits and single hyphens, and the extension .yaml, as in two-words.yaml"
            throw ScenarioError(
                file: path,
                problems: [.init(line: nil, key: nil, found: "'\(file)' is not a scenario's name", expected: expected)])
        }
        return try Scenario(name: name, parsing: SourceFile.read(path), file: path)
    }

    /// A scenario from its text.
    ///
    /// - Parameters:
    ///   - text: YAML, as Documentation/scenarios.md describes it.
    ///   - file: its name in error messages; nil: the scenario's name with its extension.
    /// - Throws: everything that is wrong with it.
    package init(name: String, parsing text: String, file: String? = nil) throws(ScenarioError) {
        let problems = Problems()
        let scenario = Document.root(of: text, problems).flatMap { Scenario(name: name, $0, source: text) }
        if let error = problems.error(in: file ?? "\(name).yaml") { throw error }
        // whatever is refused is also reported
        guard let scenario else { preconditionFailure("\(name) is refused, and no problem is reported") }
        self = scenario
    }

    /// Nil, and reported, if something is wrong.
    private init?(name: String, _ root: Section<ScenarioKeys.Root>, source: String) {
        let title = root.required(.title, .title)
        let about = root.required(.about, .about)
        let pathEntry = root.requiredEntry(.path, expected: "a section with rtt and down")
        let path = pathEntry?.section(ScenarioKeys.Path.self).flatMap { PathState($0) }
        let changes = Self.changes(root[.changes], of: path)
        self.init(
            name: name, title: title ?? "", about: Self.unwrapped(about ?? ""),
            sets: root[.sets]?.list(.set) ?? [],
            roundTrip: path?.roundTrip ?? TimeSpan(nanoseconds: 0), down: path?.down ?? .nothing,
            up: path?.up ?? .nothing, changes: changes,
            family: root.value(.family, .one("family")) ?? .ipv4,
            udp: root.value(.udp, .udpOutage) ?? .drop,
            client: root.value(.client, .one("client")) ?? .plain,
            receiveWindow: root.value(.receiveWindow, .one("receive window")) ?? .default,
            loads: root[.load]?.list(.load) ?? Self.defaultLoads,
            congestionControls: root[.congestionControl]?.list(.congestionControl) ?? ["cubic"],
            treatments: root[.treatments]?.list(.treatment) ?? [.stock, .exact, .careful, .bound],
            saved: root[.saved]?.section(ScenarioKeys.Saved.self).map(Self.saved) ?? Saved(),
            neighbour: root.value(.neighbour, .one("neighbour")),
            simultaneous: root.value(.simultaneous, .count(1...200)) ?? 1,
            following: root.value(.following, .count(0...100)) ?? 0,
            idleTimeout: root.value(.idleTimeout, .time(within: 100_000_000...600_000_000_000, "100ms…10m", such: "5s"))
                ?? TimeSpan(nanoseconds: 5_000_000_000),
            rounds: root.value(.rounds, .count(1...1000)) ?? 6,
            source: source)
        reportCombinations(in: root)
        guard title != nil, about != nil, path != nil else { return nil }
    }

    private static let defaultLoads: [Load] = [.body(ByteCount(bytes: 100_000)), .body(ByteCount(bytes: 1_000_000))]

    /// The text without the line break at the end of a YAML block.
    private static func unwrapped(_ text: String) -> String {
        String(text.reversed().drop { $0.isWhitespace }.reversed())
    }

    private static func saved(_ section: Section<ScenarioKeys.Saved>) -> Saved {
        let lifetime = Format.time(within: 1_000_000_000...86_400_000_000_000, "1s…1440m (a day)", such: "60s")
        let age = Format.time(within: 1_000_000...86_400_000_000_000, "1ms…1440m (a day)", such: "30s")
        return Saved(
            scale: section.value(.scale, .scale) ?? 1, age: section.value(.age, age),
            lifetime: section.value(.lifetime, lifetime))
    }

    /// The path's later states, each derived from the one before it.
    private static func changes(_ entry: Entry?, of path: PathState?) -> [Change] {
        var (state, previous, changes) = (path, Moment?.none, [Change]())
        for item in entry?.items(expected: "a list of changes such as [{at: cut, rtt: 200ms}]") ?? [] {
            guard let section = item.section(ScenarioKeys.Change.self) else { continue }
            let moment = section.required(.at, .moment)
            if section[.rtt] == nil, section[.down] == nil, section[.up] == nil {
                item.report("changes nothing", expected: "rtt, down or up in addition to at")
            }
            if let moment, let previous, !moment.follows(previous) {
                section.report(.at, "'\(moment)' does not follow '\(previous)'", expected: "moments in order")
            }
            // values are checked even if the path that they change could not be read
            let changed = (state ?? .anything).changed(by: section)
            state = state == nil ? nil : changed
            previous = moment ?? previous
            if let moment, let state { changes.append(Change(moment: moment, down: state.down, up: state.up)) }
        }
        return changes
    }
}

extension Scenario.Moment {
    /// Whether it comes after another; the cut is the first of all.
    fileprivate func follows(_ other: Scenario.Moment) -> Bool {
        switch (other, self) {
        case (.cut, .afterConnect): true
        case (.afterConnect(let first), .afterConnect(let second)): first.nanoseconds < second.nanoseconds
        case (_, .cut): false
        }
    }
}

extension LinkConfiguration {
    /// A placeholder for a link that can't be read.
    fileprivate static var nothing: LinkConfiguration {
        LinkConfiguration(bitsPerSecond: 1_000_000, delayNanoseconds: 0, queueBytes: 1 << 20)
    }
}

extension PathState {
    /// A placeholder for a path that can't be read.
    fileprivate static var anything: PathState { PathState(down: .nothing, up: .nothing) }
}
