// SPDX-License-Identifier: Apache-2.0

package import BPF
private import Synchronization

/// The handover of the document "vsqoe, cwndebpf", attached to a cgroup: a treatment to compare with, for the lab only.
///
/// It is reimplemented from the document, cwndebpf for short. Everything that the document shows is kept, defects
/// included:
///
/// - One value for all clients, without key, age or RTT: every connection of the cgroup takes it, including outbound
///   ones.
/// - The value is converted from bytes to segments of 1460 bytes in the map itself. The next connection divides it
///   again: 1,460,000 bytes give the first connection 1000 segments, and each later one 1.
/// - ssthresh is set by `TCP_BPF_SNDCWND_CLAMP`, which also caps the window for the connection's life.
/// - The program returns 0, which discards the reply of other programs of the cgroup.
///
/// Where the document does not say, or its system could not have worked, it is given its best chance here:
///
/// - Its trigger is a request header on the TCP connection, so the values arrived after that connection was
///   established, and applied to the next one. Here they are in the maps before: call `save` first, then let the client
///   connect.
/// - `FallbackMap` is declared, but no line of the program reads it. It is the same here; `save` sets it to 1.
/// - A missing entry is added with the document's `val`, whose value it does not show. Here it is 0, which then means
///   "nothing saved".
/// - The last return is not shown either: here it is 0, like all the others.
/// - Its server never saved ssthresh. `save` takes one, or `nil` for none.
package final class CwndEBPF: Sendable {
    /// The content of the maps; `nil`: no entry.
    package struct Values: Sendable, Equatable {
        /// `CwndMap`: bytes after `save`, segments once a connection was established.
        package var cwnd: UInt32?
        /// `SSThreshMap`: like `cwnd`.
        package var ssthresh: UInt32?
        /// `FallbackMap`: 1 after `save`.
        package var fallback: UInt32?

        package init(cwnd: UInt32?, ssthresh: UInt32?, fallback: UInt32?) {
            self.cwnd = cwnd
            self.ssthresh = ssthresh
            self.fallback = fallback
        }
    }

    private let cwnd: HashMap<UInt32, UInt32>
    private let ssthresh: HashMap<UInt32, UInt32>
    private let fallback: HashMap<UInt32, UInt32>
    private let link: Mutex<CgroupLink?>

    /// Loads the program and attaches it. It stays attached until `detach`, or until this instance is released.
    ///
    /// - Parameter cgroup: the directory of a cgroup2.
    /// - Throws: `notFound` or `invalid` for the cgroup, `permission`, `unsupported`, `verifier`.
    package init(cgroup: String) throws(BPFError) {
        let cgroup = try Cgroup(path: cgroup)
        let object = try CwndEBPFObject.load()
        link = Mutex(try object.programs.cwndEBPF.attach(to: cgroup))
        cwnd = try object.object.map("CwndMap")
        ssthresh = try object.object.map("SSThreshMap")
        fallback = try object.object.map("FallbackMap")
    }

    /// Writes a QUIC connection's values into the maps, for whichever connection is established next.
    ///
    /// - Parameters:
    ///   - cwndBytes: congestion window, bytes; 0: none.
    ///   - ssthreshBytes: slow start threshold, bytes; `nil`: none, as with the document's server.
    package func save(cwndBytes: UInt32, ssthreshBytes: UInt32?) throws(BPFError) {
        if let ssthreshBytes {
            try ssthresh.update(ssthreshBytes, for: 0)
        } else {
            try ssthresh.removeValue(for: 0)
        }
        try cwnd.update(cwndBytes, for: 0)
        try fallback.update(1, for: 0)
    }

    /// The current content of the maps.
    package func values() throws(BPFError) -> Values {
        Values(cwnd: try cwnd.value(for: 0), ssthresh: try ssthresh.value(for: 0), fallback: try fallback.value(for: 0))
    }

    /// Detaches the program from the cgroup. Connections keep what they were given. A second call does nothing.
    package func detach() { link.withLock { $0 = nil } }
}
