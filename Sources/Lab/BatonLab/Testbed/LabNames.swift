// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Names of everything that a run creates. They contain the process id, so that runs don't collide, and what a killed
/// run left behind can be distinguished from what a running one uses.
package struct LabNames: Equatable, Sendable {
    static let prefix = "baton-"

    /// The process that owns it.
    package let process: Int32

    package init(process: Int32 = getpid()) {
        self.process = process
    }

    /// The namespace of the server.
    package var serverNamespace: String { "\(Self.prefix)\(process)-server" }
    /// The namespace of the client.
    package var clientNamespace: String { "\(Self.prefix)\(process)-client" }
    /// The namespace of the router in front of the client, if there is one.
    package var gatewayNamespace: String { "\(Self.prefix)\(process)-gateway" }
    /// The namespace of another host behind that router.
    package var otherNamespace: String { "\(Self.prefix)\(process)-other" }
    /// The cgroup of the server, at the top of the hierarchy.
    package var cgroup: String { "\(Self.prefix)\(process)" }
    /// The directory for files, logs and pins.
    package var directory: String { "\(Self.runDirectory)/\(Self.prefix)\(process)" }

    static let runDirectory = "/run"
    private static let hosts: Set<Substring> = ["server", "client", "gateway", "other"]

    /// The process id in such a name; nil if it is another name.
    package static func owner(of name: String) -> Int32? {
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = parts.first, let process = Int32(digits), process > 0, "\(process)" == digits else {
            return nil
        }
        return parts.count == 1 || hosts.contains(parts[1]) ? process : nil
    }
}
