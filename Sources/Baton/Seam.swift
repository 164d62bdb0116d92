// SPDX-License-Identifier: Apache-2.0

internal import BPF

/// The struct_ops congestion control through which the kernel program sets ssthresh.
///
/// The kernel's registry of congestion controls is one for the whole machine. So each hand-over registers its own under a
/// name that is free: `baton`, `baton_1`, …; and a replacement is registered beside the one that it replaces.
enum Seam {
    static let baseName = "baton"
    private static let attempts = 32

    static var names: [String] { [baseName] + (1..<attempts).map { "\(baseName)_\($0)" } }

    /// Whether a pin of this name is a seam's.
    static func isName(_ name: String) -> Bool { names.contains(name) }

    /// The names that no congestion control bears now.
    static var freeNames: [String] {
        let taken = Set(
            (Mounts.read("/proc/sys/net/ipv4/tcp_available_congestion_control") ?? "")
                .split { $0 == " " || $0 == "\n" }.map(String.init))
        return names.filter { !taken.contains($0) }
    }

    /// Takes back a registration that no link holds.
    static func unregister(pinnedAt path: String) throws(BPFError) {
        try StructOps.unregister(try Descriptor(pinnedAt: path))
    }
}
