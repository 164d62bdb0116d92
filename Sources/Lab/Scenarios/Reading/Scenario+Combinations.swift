// SPDX-License-Identifier: Apache-2.0

extension Scenario {
    /// Reports values that are valid one by one but not together. A value that is wrong by itself is not reported
    /// again.
    func reportCombinations(in root: Section<ScenarioKeys.Root>) {
        if root.isSound(.load) { reportLoads(in: root) }
        if root.isSound(.treatments, .client), client != .plain {
            for treatment in [Treatment.warm, .cwndebpf, .tcpMetrics] where treatments.contains(treatment) {
                root.report(
                    .treatments, "'\(treatment)' is listed with client \(client.rawValue)", expected: "client plain")
            }
        }
        if root.isSound(.treatments, .receiveWindow), receiveWindow == .open, treatments.contains(.boundOpen) {
            root.report(
                .treatments, "'bound-open' is listed where receive-window is open", expected: "bound, which is the same"
            )
        }
        guard root.isSound(.client), client != .plain else { return }
        if root.isSound(.simultaneous), simultaneous > 1 {
            root.report(
                .simultaneous, "\(simultaneous) clients at once with client \(client.rawValue)",
                expected: "client plain")
        }
        if root.isSound(.neighbour), let neighbour {
            root.report(.neighbour, "'\(neighbour.rawValue)' with client \(client.rawValue)", expected: "client plain")
        }
        if root.isSound(.changes), changes.contains(where: { $0.moment != .cut }) {
            root.report(
                .changes, "a time after connect() with client \(client.rawValue)",
                expected: "client plain, whose connect() is known beforehand, or `at: cut`")
        }
        if root.isSound(.saved), saved != Saved() {
            root.report(
                .saved, "is set with client \(client.rawValue)",
                expected: "client plain: a real client's record comes from its own QUIC connection")
        }
    }

    private func reportLoads(in root: Section<ScenarioKeys.Root>) {
        guard Set(loads.map(\.kind)).count == 1 else {
            root.report(
                .load, "mixes \(Set(loads.map(\.kind)).sorted().joined(separator: " and "))",
                expected: "one kind: a scenario each for responses, pages and uploads")
            return
        }
        guard root.isSound(.client) else { return }
        switch loads[0] {
        case .page where client != .chromium:
            root.report(.load, "a page with client \(client.rawValue)", expected: "client chromium")
        case .upload where client != .plain:
            root.report(.load, "an upload with client \(client.rawValue)", expected: "client plain")
        default: break
        }
    }
}

extension Load {
    fileprivate var kind: String {
        switch self {
        case .body: "responses"
        case .page: "pages"
        case .upload: "uploads"
        }
    }
}
