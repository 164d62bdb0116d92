// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// A host of the lab: a network namespace with a device, addresses, and the TCP settings of a default Linux host.
struct LabNamespace {
    /// TCP settings that the kernel computes from the machine's memory, or that a machine may have changed: set to what
    /// a default Linux host with enough memory has, so that figures can be compared between machines.
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
    /// The router to the other hosts, IPv4 and IPv6; nil: they are reached through the device at once.
    var gateway: (address4: String, address6: String)?

    /// Makes the namespace, with its loopback device up and its TCP settings made.
    func make(_ command: Command, _ teardown: Teardown) throws {
        // Reading the states of sockets walks the whole table of connections. It is as large as the maker's namespace
        // says (Linux 6.1), else as the machine's memory has it: 262,144 entries take three times the CPU time. The
        // namespace in which this is said is gone with the command.
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

    /// Gives the device, which exists by now, its addresses, routes and a queue that does not overflow, and brings it up.
    ///
    /// - Parameter more: further addresses of the host.
    func configureDevice(more: [String] = [], _ command: Command) throws {
        // the emulator reads in bursts; the kernel's default of 500 packets would drop before it. Without an address of
        // its own making the kernel sends nothing by itself, which would draw from the path's random sequences
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
                "this kernel has no congestion control '\(congestionControl)', only \(Self.availableControls.joined(separator: ", "))"
                    + "; try `modprobe tcp_\(congestionControl)` (\(error))")
        }
    }

    /// Sets the routes to the other hosts.
    ///
    /// They carry the congestion control, because the sysctl of a namespace takes only what the machine's administrator
    /// has allowed to everybody.
    ///
    /// - Parameter initialWindow: what new TCP connections start with, in segments; nil is the kernel's own.
    func setRoutes(initialWindow: Int?, _ command: Command) throws {
        let window = initialWindow.map { ["initcwnd", "\($0)"] } ?? []
        let routers = [gateway?.address4, gateway?.address6]
        for ((network, address), router) in zip(zip(Self.networks, [address4, address6]), routers) {
            if let router {
                // a route to the router itself comes first
                try command.run(["ip", "route", "replace", router, "dev", device], in: namespace)
            }
            let via = router.map { ["via", $0] } ?? []
            try command.run(
                ["ip", "route", "replace", network] + via
                    + ["dev", device, "src", address, "congctl", congestionControl] + window,
                in: namespace)
        }
    }

    /// Forgets what the kernel learned about peers on earlier connections, so that runs don't teach each other.
    func flushMetrics(_ command: Command) throws {
        try command.run(["ip", "tcp_metrics", "flush"], in: namespace)
    }

    /// Sets a value below /proc/sys/net in the namespace.
    func set(_ key: String, to value: String) throws {
        try namespace.perform { try TextFile.write(value, to: "/proc/sys/net/\(key)") }
    }

    /// Removes a namespace, and first what still runs in it.
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
