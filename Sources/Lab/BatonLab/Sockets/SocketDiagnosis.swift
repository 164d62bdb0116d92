// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Measurements
package import PathEmulator

/// Asks the kernel about the TCP connections of a network namespace (sock_diag(7)).
struct SocketDiagnosis: ~Copyable, Sendable {
    private let descriptor: Int32
    private let localPort: Int
    private var sequence: UInt32 = 0

    /// - Parameter localPort: the server's port, whose connections are read.
    /// - Throws: `LinuxError` if the namespace is missing or may not be entered, or the kernel has no sock_diag.
    init(in namespace: NetworkNamespace, localPort: Int) throws {
        // a socket stays in the namespace in which it was created
        let descriptor = try namespace.perform { clinux_open_socket_diagnosis() }
        guard descriptor >= 0 else {
            throw LinuxError(
                call: "socket(NETLINK_SOCK_DIAG)", subject: namespace.name,
                advice: "the kernel needs CONFIG_INET_DIAG; try `modprobe inet_diag tcp_diag`")
        }
        self.descriptor = descriptor
        self.localPort = localPort
    }

    deinit {
        close(descriptor)
    }

    /// Reads the states of all connections into `states`.
    ///
    /// - Returns: how many were written; those that don't fit are left out.
    /// - Throws: `LinuxError` if the kernel refuses.
    mutating func read(into states: UnsafeMutableBufferPointer<clinux_tcp_state>) throws -> Int {
        sequence &+= 1
        let count = clinux_list_tcp_states(
            descriptor, UInt16(localPort), sequence, states.baseAddress, states.count)
        guard count >= 0 else {
            throw LinuxError(
                call: "recv(NETLINK_SOCK_DIAG)", subject: "connections of port \(localPort)",
                advice: errno == ENOENT ? "the kernel needs CONFIG_INET_TCP_DIAG; try `modprobe tcp_diag`" : nil)
        }
        return min(count, states.count)
    }
}

/// The TCP connections of a network namespace.
package enum TCPSockets {
    /// More connections than any scenario has.
    static let mostConnections = 1024

    /// A server's connections at this moment; `milliseconds` is 0 in each.
    ///
    /// - Throws: `LinuxError` if the namespace is missing or may not be entered, or the kernel has no sock_diag.
    package static func current(in namespace: NetworkNamespace, serverPort: Int) throws -> [SocketState] {
        var diagnosis = try SocketDiagnosis(in: namespace, localPort: serverPort)
        return try withUnsafeTemporaryAllocation(of: clinux_tcp_state.self, capacity: mostConnections) { states in
            let count = try diagnosis.read(into: states)
            return states.prefix(count).map { SocketState($0, milliseconds: 0) }
        }
    }
}
