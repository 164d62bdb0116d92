// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// What treatments change on the hosts rather than in a kernel program.
enum HostSettings {
    /// tcp_rmem of a client that doesn't bound the sender, and of a default Linux host.
    private static let openWindow = "4096 4194304 6291456"
    private static let defaultWindow = "4096 131072 6291456"

    /// Sets all of it, so that nothing stays of the treatment before.
    static func apply(_ treatment: Treatment, of scenario: Scenario, to testbed: Testbed) throws {
        let (server, command) = (testbed.server, testbed.command)
        let host = testbed.topology.measured
        let isOpen = scenario.receiveWindow == .open || treatment == .boundOpen
        try host.set("ipv4/tcp_rmem", to: isOpen ? openWindow : defaultWindow)
        let window: Int? =
            switch treatment {
            case .initialWindow(let segments): segments
            case .bound, .boundOpen: Treatment.boundSegments
            default: nil
            }
        try server.setRoutes(initialWindow: window, command)
        // the cache keeps no ssthresh by default
        try server.set("ipv4/tcp_no_ssthresh_metrics_save", to: treatment == .tcpMetrics ? "0" : "1")
        // a warm connection waits a moment for its measurement, and must not cool down meanwhile
        try server.set("ipv4/tcp_slow_start_after_idle", to: treatment == .warm ? "0" : "1")
    }

    /// Empties the caches of what earlier connections found.
    static func forget(_ testbed: Testbed) throws {
        try testbed.server.flushMetrics(testbed.command)
        try testbed.topology.measured.flushMetrics(testbed.command)
    }
}
