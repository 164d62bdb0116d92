// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A named network namespace, as of `ip netns`.
package struct NetworkNamespace: Hashable, Sendable {
    /// iproute2's directory of the names.
    package static let directory = "/run/netns"

    /// Its name.
    package let name: String

    package init(name: String) {
        self.name = name
    }

    /// Its file.
    package var path: String { "\(Self.directory)/\(name)" }

    /// Runs `body` inside this namespace. Sockets and devices created there stay there.
    ///
    /// Only the calling thread moves (setns(2)), so `body` must not switch threads. Unlike `ip netns exec`, this does
    /// not change the mount table: /sys/fs/cgroup and /sys/fs/bpf stay mounted.
    ///
    /// - Throws: `LinuxError` if the namespace is missing or may not be entered.
    package func perform<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard home >= 0 else { throw LinuxError(call: "open(2)", subject: "/proc/thread-self/ns/net") }
        defer { close(home) }
        let other = open(path, O_RDONLY | O_CLOEXEC)
        guard other >= 0 else { throw LinuxError(call: "open(2)", subject: path) }
        defer { close(other) }
        guard clinux_set_network_namespace(other) == 0 else { throw LinuxError(call: "setns(2)", subject: path) }
        defer {
            // a thread that cannot return would do everything else in the wrong network
            precondition(clinux_set_network_namespace(home) == 0, "setns(2) back to the first namespace failed")
        }
        return try body()
    }
}
