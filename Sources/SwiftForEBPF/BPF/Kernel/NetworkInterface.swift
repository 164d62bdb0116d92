// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A network interface in this thread's network namespace.
public struct NetworkInterface: Sendable, Equatable, CustomStringConvertible {
    /// Its number in the kernel.
    public let index: UInt32
    /// Its name; `nil` if it was made from a number.
    public let name: String?

    /// Makes an interface from its number.
    public init(index: UInt32) {
        self.index = index
        name = nil
    }

    /// Finds an interface by its name, for example `eth0` (`if_nametoindex`).
    ///
    /// - Throws: `notFound` if there is none with this name.
    public init(name: String) throws(BPFError) {
        index = if_nametoindex(name)
        guard index > 0 else {
            throw BPFError(
                .notFound, "looking up the network interface '\(name)'", call: "if_nametoindex", errno: errno,
                remedy: "'ip link' lists them")
        }
        self.name = name
    }

    /// Its name; `number N` if it has none.
    public var description: String { name ?? "number \(index)" }
}
