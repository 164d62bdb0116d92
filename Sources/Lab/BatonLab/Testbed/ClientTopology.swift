// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
import Scenarios

/// The hosts on the client's side of the path: the client alone, or a router with the client and another host behind
/// it.
struct ClientTopology {
    /// The host where the path ends: the client itself, or the router.
    let end: LabNamespace
    /// The client that speaks QUIC.
    let client: LabNamespace
    /// The other host behind the router; nil if there is none.
    let other: LabNamespace?
    private let kind: Scenario.Neighbour?
    private let addresses: Int

    /// - Parameters:
    ///   - kind: what else is on the client's side; nil: nothing.
    ///   - addresses: how many addresses the client has.
    init(_ kind: Scenario.Neighbour?, addresses: Int, names: LabNames, congestionControl: String) {
        self.kind = kind
        self.addresses = addresses
        func host(_ name: String, _ device: String, network: Int, number: Int) -> LabNamespace {
            LabNamespace(
                namespace: NetworkNamespace(name: name), device: device, address4: "10.98.\(network).\(number)",
                address6: Self.prefix6(network) + "\(number)", congestionControl: congestionControl)
        }
        guard kind != nil else {
            end = host(names.clientNamespace, "path0", network: 0, number: 2)
            client = end
            other = nil
            return
        }
        func behind(_ name: String, network: Int) -> LabNamespace {
            var result = host(name, "lan0", network: network, number: 2)
            result.gateway = ("10.98.\(network).1", "fd62:6174:6f6e:\(network)::1")
            return result
        }
        end = host(names.gatewayNamespace, "path0", network: 0, number: 2)
        client = behind(names.clientNamespace, network: 1)
        other = behind(names.otherNamespace, network: 2)
    }

    /// Creates the namespaces.
    func make(_ command: Command, _ teardown: Teardown) throws {
        try end.make(command, teardown)
        guard let other else { return }
        for (number, host) in [client, other].enumerated() {
            try host.make(command, teardown)
            try command.run([
                "ip", "link", "add", "lan\(number + 1)", "netns", end.namespace.name, "type", "veth", "peer", "name",
                host.device, "netns", host.namespace.name,
            ])
        }
    }

    /// Configures addresses and routes of all devices, including the path's, which must exist by now.
    func configure(_ command: Command) throws {
        try end.configureDevice(more: kind == nil ? clientAddresses(.ipv4) + clientAddresses(.ipv6) : [], command)
        guard let other else { return }
        for (key, value) in [("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1")] {
            try end.set(key, to: value)
        }
        for number in 1...2 {
            let script = """
                address add 10.98.\(number).1/24 dev lan\(number)
                address add fd62:6174:6f6e:\(number)::1/64 dev lan\(number) nodad
                link set lan\(number) up

                """
            try command.run(["ip", "-batch", "-"], in: end.namespace, input: script)
        }
        try client.configureDevice(more: clientAddresses(.ipv4) + clientAddresses(.ipv6), command)
        try other.configureDevice(command)
        if kind == .sameNAT {
            let rules = """
                table inet baton_lab_nat {
                    chain leaving {
                        type nat hook postrouting priority srcnat;
                        oifname "path0" masquerade
                    }
                }

                """
            try command.run(["nft", "-f", "-"], in: end.namespace, input: rules)
        }
    }

    /// The host whose TCP connection is measured.
    var measured: LabNamespace { kind == .sameNAT ? other ?? client : client }

    /// The measured host's own addresses.
    func ownAddresses(_ family: Scenario.Family) -> [String] {
        let host = measured
        return [family == .ipv4 ? host.address4 : host.address6] + clientAddresses(family)
    }

    /// The same addresses as the server sees them.
    func remoteAddresses(_ family: Scenario.Family) -> [String] {
        kind == .sameNAT ? [family == .ipv4 ? end.address4 : end.address6] : ownAddresses(family)
    }

    /// Written as the kernel writes it, so that addresses can be compared as text.
    private static func prefix6(_ network: Int) -> String {
        network == 0 ? "fd62:6174:6f6e::" : "fd62:6174:6f6e:\(network)::"
    }

    /// The client's addresses after the first.
    private func clientAddresses(_ family: Scenario.Family) -> [String] {
        guard addresses > 1 else { return [] }
        let network = kind == nil ? 0 : 1
        return (0..<(addresses - 1)).map { number in
            family == .ipv4 ? "10.98.\(network).\(number + 3)" : Self.prefix6(network) + "1:\(number + 3)"
        }
    }
}
