// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// A host of the lab: a network namespace with a device, addresses, and the TCP settings of a default Linux host.
struct LabNamespace {
    /// TCP settings that the kernel derives from the machine's memory, or that a machine may have changed. They are set
    /// to those of a default Linux host with enough memory, so that figures can be compared between machines.
    private static let defaultSettings = [
        ("net/ipv4/tcp_rmem", "4096 131072 6291456"),
        ("net/ipv4/tcp_wmem", "4096 16384 4194304"),
    ]
    /// The lab's own networks, IPv4 and IPv6.
    private static let networks = ["10.98.0.0/16", "fd62:6174:6f6e::/48"]

    /// The namespace.
    let namespace: NetworkNamespace
    /// Its device.
    let device: String
    /// Its address, IPv4.
    let address4: String
    /// Its address, IPv6.
    let address6: String
    /// TCP's congestion control towards the other hosts.
    let congestionControl: String
    /// The router to the other hosts, IPv4 and IPv6; nil: they are reached directly through the device.
    var gateway: (address4: String, address6: String)?

    /// Creates the namespace, brings its loopback device up, and sets its TCP settings.
    func make(_ command: Command, _ teardown: Teardown) throws {
        // Reading the states of sockets walks the whole table of connections. Since Linux 6.1 the creating namespace
        // sets the table's size; otherwise it depends on the machine's memory, and 262,144 entries take three times the
        // CPU time. The namespace that sets it here is gone when the command ends.
        let tableSize = "echo 16384 > /proc/sys/net/ipv4/tcp_child_ehash_entries 2>/dev/null"
        try command.run(["unshare", "--net", "sh", "-c", "\(tableSize); ip netns add \(namespace.name)"])
        teardown.add("network namespace \(namespace.name)") {
            try Self.remove(namespace.name, Command(signals: try SignalDescriptor([])))
        }
        try command.run(["ip", "link", "set", "lo", "up"], in: namespace)
        try namespace.perform {
            for (key, value) in Self.defaultSettings {
                try TextFile.write(value, to: "/proc/sys/\(key)")
            }
        }
    }

    /// Configures the device, which must exist by now: addresses, routes, a queue that does not overflow. Brings it up.
    ///
    /// - Parameter more: further addresses of the host.
    func configureDevice(more: [String] = [], _ command: Command) throws {
        // the emulator reads in bursts; the kernel's default queue of 500 packets would drop some. Without an address
        // that it generated, the kernel sends no packets of its own, which would draw from the path's random sequences
        let further = more.map { "address add \($0)/\($0.contains(":") ? 128 : 32) dev \(device)\n" }.joined()
        let script = """
            address add \(address4)/24 dev \(device) noprefixroute
            address add \(address6)/64 dev \(device) nodad noprefixroute
            \(further)link set \(device) addrgenmode none txqueuelen 10000 up

            """
        try command.run(["ip", "-batch", "-"], in: namespace, input: script)
        do {
            try setRoutes(initialWindow: nil, command)
        } catch let error as LabError where !Self.availableControls.contains(congestionControl) {
            throw LabError(
                .unavailable,
                "this kernel has no congestion control '\(congestionControl)', only "
                    + "\(Self.availableControls.joined(separator: ", ")); try `modprobe tcp_\(congestionControl)` "
                    + "(\(error))")
        }
    }

    /// Sets the routes to the other hosts.
    ///
    /// The congestion control is set on the routes, because the sysctl of a namespace accepts only controls that the
    /// machine's administrator has allowed to all users.
    ///
    /// - Parameter initialWindow: the initial window of new TCP connections, in segments; nil is the kernel's default.
    func setRoutes(initialWindow: Int?, _ command: Command) throws {
        let window = initialWindow.map { ["initcwnd", "\($0)"] } ?? []
        let routers = [gateway?.address4, gateway?.address6]
        for ((network, address), router) in zip(zip(Self.networks, [address4, address6]), routers) {
            if let router {
                // the route to the router itself must exist first
                try command.run(["ip", "route", "replace", router, "dev", device], in: namespace)
            }
            let via = router.map { ["via", $0] } ?? []
            try command.run(
                ["ip", "route", "replace", network] + via
                    + ["dev", device, "src", address, "congctl", congestionControl] + window,
                in: namespace)
        }
    }

    /// Clears what the kernel learned about peers on earlier connections, so that runs don't influence each other.
    func flushMetrics(_ command: Command) throws {
        try command.run(["ip", "tcp_metrics", "flush"], in: namespace)
    }

    /// Sets a value below /proc/sys/net in the namespace.
    func set(_ key: String, to value: String) throws {
        try namespace.perform { try TextFile.write(value, to: "/proc/sys/net/\(key)") }
    }

    /// Kills the processes that are still in a namespace, and removes it.
    static func remove(_ name: String, _ command: Command) throws {
        let processes = (try? command.run(["ip", "netns", "pids", name])) ?? ""
        processes.split(separator: "\n").compactMap { pid_t($0) }.forEach { kill($0, SIGKILL) }
        try command.run(["ip", "netns", "delete", name])
    }

    private static var availableControls: [String] {
        let text = (try? TextFile.read("/proc/sys/net/ipv4/tcp_available_congestion_control")) ?? ""
        return text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}
