// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// Settings of the hosts that treatments change.
enum HostSettings {
    /// tcp_rmem of a client whose window does not limit the sender, and of a default Linux host.
    private static let openWindow = "4096 4194304 6291456"
    private static let defaultWindow = "4096 131072 6291456"

    /// Sets all of them, so that nothing remains from the treatment before.
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
        // by default the cache does not store ssthresh
        try server.set("ipv4/tcp_no_ssthresh_metrics_save", to: treatment == .tcpMetrics ? "0" : "1")
        // a warm connection is idle for a moment before it is measured; its window must not decay meanwhile
        try server.set("ipv4/tcp_slow_start_after_idle", to: treatment == .warm ? "0" : "1")
    }

    /// Clears what the kernels learned from earlier connections.
    static func forget(_ testbed: Testbed) throws {
        try testbed.server.flushMetrics(testbed.command)
        try testbed.topology.measured.flushMetrics(testbed.command)
    }
}
