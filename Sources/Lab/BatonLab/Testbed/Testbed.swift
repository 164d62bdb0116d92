// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
import Scenarios

/// A server and a client's side joined by an emulated path, a cgroup for the server, and a directory for the run's
/// files.
struct Testbed {
    let names: LabNames
    let server: LabNamespace
    let topology: ClientTopology
    let path: EmulatedPath
    let cgroup: Cgroup
    let directory: RunDirectory
    let command: Command

    /// The client.
    var client: LabNamespace { topology.client }

    /// Creates everything; `teardown` removes it, also if this fails half-way.
    ///
    /// - Parameters:
    ///   - plan: the path; forward is from the server to the client.
    ///   - seed: random seed of its loss and jitter.
    ///   - neighbour: what else is on the client's side.
    ///   - addresses: how many addresses the client has.
    init(
        plan: PathPlan, seed: UInt64, neighbour: Scenario.Neighbour? = nil, addresses: Int = 1,
        congestionControl: String, directory: RunDirectory, signals: SignalDescriptor, _ teardown: Teardown
    ) throws {
        names = LabNames()
        command = Command(signals: signals)
        server = LabNamespace(
            namespace: NetworkNamespace(name: names.serverNamespace), device: "path0",
            address4: "10.98.0.1", address6: "fd62:6174:6f6e::1", congestionControl: congestionControl)
        topology = ClientTopology(
            neighbour, addresses: addresses, names: names, congestionControl: congestionControl)

        self.directory = directory
        let cgroup = try Cgroup.make(names.cgroup)
        teardown.add("cgroup \(cgroup.path)") { try cgroup.remove() }
        self.cgroup = cgroup
        try server.make(command, teardown)
        try topology.make(command, teardown)
        path = try EmulatedPath(
            server: server, client: topology.end, plan: plan, seed: seed, log: "\(directory.path)/path.log",
            signals: signals, teardown)
        try server.configureDevice(command)
        try topology.configure(command)
    }

    /// Fails early, and says what to do, if this machine lacks something.
    static func preflight(tools: [String], programs: [(path: String, advice: String)] = []) throws {
        guard geteuid() == 0 else {
            throw LabError(.permission, "network namespaces, devices and cgroups need root; run it with sudo")
        }
        guard access("/dev/net/tun", F_OK) == 0 else {
            throw LabError(.unavailable, "/dev/net/tun is missing; run `modprobe tun`")
        }
        for tool in tools where !isInPath(tool) {
            throw LabError(.unavailable, "`\(tool)` is not in PATH; scripts/bootstrap installs what is needed")
        }
        for (path, advice) in programs where !isInPath(path) {
            throw LabError(.unavailable, "`\(path)` is missing or not executable; \(advice)")
        }
        _ = try Cgroup.mountPoint()
    }

    private static func isInPath(_ program: String) -> Bool {
        if program.contains("/") { return access(program, X_OK) == 0 }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}
