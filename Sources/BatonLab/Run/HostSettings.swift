// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// What treatments change on the hosts rather than in a kernel program.
enum HostSettings {
    /// tcp_rmem of a client that doesn't bound the sender, and of a default Linux host.
    private static let openWindow = "4096 4194304 6291456"
    private static let defaultWindow = "4096 131072 6291456"

    /// Sets all of it, so that nothing stays of the treatment before.
    static func apply(_ measurement: Measurement, to laboratory: Laboratory) throws {
        let (server, command) = (laboratory.server, laboratory.command)
        let host = laboratory.neighbourhood.measured
        let isOpen = measurement.scenario.receiveWindow == .open || measurement.treatment == .boundOpen
        try host.set("ipv4/tcp_rmem", to: isOpen ? openWindow : defaultWindow)
        let window: Int? =
            switch measurement.treatment {
            case .initialWindow(let segments): segments
            case .bound, .boundOpen: Treatment.boundSegments
            default: nil
            }
        try server.setRoutes(initialWindow: window, command)
        // the cache keeps no ssthresh by default
        try server.set("ipv4/tcp_no_ssthresh_metrics_save", to: measurement.treatment == .tcpMetrics ? "0" : "1")
        try server.flushMetrics(command)
        try host.flushMetrics(command)
    }
}
