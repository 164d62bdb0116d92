// SPDX-License-Identifier: Apache-2.0

extension Scenario {
    /// Tells of values that are right one by one and make no sense together. A value that is wrong by itself is not
    /// looked at again.
    func reportCombinations(in root: Section<ScenarioKeys.Root>) {
        if root.isSound(.load) { reportLoads(in: root) }
        if root.isSound(.treatments, .client), client != .plain, treatments.contains(.warm) {
            root.report(
                .treatments, "'warm' is listed with client \(client.rawValue)",
                expected: "client plain, the only one that asks twice on one connection")
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
        if root.isSound(.neighbour), neighbour == .sameNAT {
            root.report(
                .neighbour, "'same-nat' with client \(client.rawValue)",
                expected: "client plain, whose record is another client's")
        }
        if root.isSound(.saved), saved.scale != 1 || saved.age != nil {
            root.report(
                .saved, "scale or age with client \(client.rawValue)",
                expected: "client plain: a real client's record is its own QUIC connection's")
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
        case .upload where client == .chromium:
            root.report(.load, "an upload with client chromium", expected: "client plain or curl")
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
