// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A network interface of this thread's network namespace.
public struct NetworkInterface: Sendable, Equatable, CustomStringConvertible {
    /// The kernel's number of it.
    public let index: UInt32
    /// Its name, if it was found by it.
    public let name: String?

    /// An interface by its number.
    public init(index: UInt32) {
        self.index = index
        name = nil
    }

    /// An interface by its name, for instance `eth0`.
    ///
    /// - Throws: `notFound` if there is none.
    public init(name: String) throws(BPFError) {
        index = if_nametoindex(name)
        guard index > 0 else {
            throw BPFError(
                .notFound, "looking up the network interface '\(name)'", call: "if_nametoindex", errno: errno,
                remedy: "'ip link' lists them")
        }
        self.name = name
    }

    /// Its name, or its number.
    public var description: String { name ?? "number \(index)" }
}
