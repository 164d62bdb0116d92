// SPDX-License-Identifier: Apache-2.0

import CLinux
package import Measurements
package import PathEmulator

/// The TCP connections of a network namespace.
package enum TCPSockets {
    /// More than any scenario has.
    static let mostConnections = 1024

    /// The connections of a server at this moment; `milliseconds` is 0 in each.
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
