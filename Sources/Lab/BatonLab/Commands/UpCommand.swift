// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import PathEmulator
import Scenarios

/// The lab without an experiment: for trying things by hand, and for tests.
struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Create two namespaces joined by an emulated path, and keep them until ^C.",
        discussion: """
            Prints a JSON line with the names of everything it created, and a line of the path's counters for each \
            SIGUSR1. Try `nsenter --net=/run/netns/NAME ping ADDRESS` in another terminal.
            """)

    @OptionGroup(title: "Path")
    var path: PathOptions

    @Option(help: ArgumentHelp("TCP's congestion control at both ends.", valueName: "name"))
    var congestionControl = "cubic"

    /// The names of what was created.
    package struct Ready: Codable {
        package var schema = 1
        package var event = "ready"
        package var server_namespace: String
        package var client_namespace: String
        package var server_addresses: [String]
        package var client_addresses: [String]
        package var cgroup: String
        package var path_process_id: Int32
        package var real_time: Bool
    }

    func validate() throws { try Arguments.check(congestionControl: congestionControl) }

    func run() throws {
        try Testbed.preflight(tools: ["ip"])
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP, SIGUSR1])
        try Leftovers.sweep(Command(signals: signals))
        try Teardown.around { teardown in
            let testbed = try Testbed(
                plan: path.plan, seed: path.seed, congestionControl: congestionControl,
                directory: try RunDirectory.make(LabNames(), teardown), signals: signals, teardown)
            let (server, client) = (testbed.server, testbed.client)
            try JSONLine.print(
                Ready(
                    server_namespace: server.namespace.name, client_namespace: client.namespace.name,
                    server_addresses: [server.address4, server.address6],
                    client_addresses: [client.address4, client.address6],
                    cgroup: testbed.cgroup.path, path_process_id: testbed.path.process.processID,
                    real_time: testbed.path.realTime))
            try hold(testbed, signals)
        }
    }

    private func hold(_ testbed: Testbed, _ signals: SignalDescriptor) throws {
        let aDay = TimeSpan(nanoseconds: 86_400_000_000_000)
        while true {
            do {
                if let status = try testbed.path.process.waitForExit(within: aDay, signals: signals) {
                    throw LabError("the path emulator ended with status \(status)\(testbed.path.process.logTail)")
                }
            } catch let interruption as Interruption where interruption.signal == SIGUSR1 {
                try JSONLine.print(testbed.path.takeReport())
            } catch is Interruption {
                return
            }
        }
    }
}
