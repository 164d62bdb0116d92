// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator

/// Asks the kernel about the TCP connections of a network namespace (sock_diag(7)).
struct SocketDiagnosis: ~Copyable, Sendable {
    private let descriptor: Int32
    private let localPort: Int
    private var sequence: UInt32 = 0

    /// - Parameter localPort: which connections to ask for: the server's.
    /// - Throws: `LinuxError` if the namespace is missing or may not be entered, or the kernel has no sock_diag.
    init(in namespace: NetworkNamespace, localPort: Int) throws {
        // a socket belongs for good to the namespace in which it was made
        let descriptor = try namespace.perform { clinux_open_socket_diagnosis() }
        guard descriptor >= 0 else {
            throw LinuxError(
                call: "socket(NETLINK_SOCK_DIAG)", subject: namespace.name,
                mend: "the kernel needs CONFIG_INET_DIAG; try `modprobe inet_diag tcp_diag`")
        }
        self.descriptor = descriptor
        self.localPort = localPort
    }

    deinit {
        close(descriptor)
    }

    /// Reads the states of all connections into `states`.
    ///
    /// - Returns: how many were written; those that find no room there are left out.
    /// - Throws: `LinuxError` if the kernel refuses.
    mutating func read(into states: UnsafeMutableBufferPointer<clinux_tcp_state>) throws -> Int {
        sequence &+= 1
        let count = clinux_list_tcp_states(
            descriptor, UInt16(localPort), sequence, states.baseAddress, states.count)
        guard count >= 0 else {
            throw LinuxError(
                call: "recv(NETLINK_SOCK_DIAG)", subject: "connections of port \(localPort)",
                mend: errno == ENOENT ? "the kernel needs CONFIG_INET_TCP_DIAG; try `modprobe tcp_diag`" : nil)
        }
        return min(count, states.count)
    }
}
