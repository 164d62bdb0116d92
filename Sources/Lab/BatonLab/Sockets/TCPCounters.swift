// SPDX-License-Identifier: Apache-2.0

import PathEmulator

/// TCP's counters of a network namespace: /proc/net/snmp.
package enum TCPCounters {
    /// Segments retransmitted since the namespace was created.
    static func retransmittedSegments(in namespace: NetworkNamespace) throws -> Int64 {
        let text = try namespace.perform { try TextFile.read("/proc/thread-self/net/snmp") }
        guard let value = value(of: "RetransSegs", in: text) else {
            throw LabError("/proc/net/snmp has no Tcp RetransSegs")
        }
        return value
    }

    /// A counter of the `Tcp:` lines, the first of which names the columns of the second.
    package static func value(of counter: String, in text: String) -> Int64? {
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("Tcp:") }.map { $0.split(separator: " ") }
        guard rows.count == 2, let column = rows[0].firstIndex(of: Substring(counter)), column < rows[1].count else {
            return nil
        }
        return Int64(rows[1][column])
    }
}
