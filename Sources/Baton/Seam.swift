// SPDX-License-Identifier: Apache-2.0

internal import BPF

/// The struct_ops congestion control through which the kernel program sets ssthresh.
///
/// The kernel's registry of congestion controls is one for the whole machine. So each hand-over registers its own under
/// a name that is free: `baton`, `baton_1`, …; and a replacement is registered beside the one that it replaces.
enum Seam {
    private static let baseName = "baton"
    private static let attempts = 32

    private static var names: [String] { [baseName] + (1..<attempts).map { "\(baseName)_\($0)" } }

    /// Whether a pin of this name is a seam's.
    static func isName(_ name: String) -> Bool { names.contains(name) }

    /// A name that no congestion control bears now.
    ///
    /// - Throws: `system` if all are taken.
    static func freeName() throws(BPFError) -> String {
        let taken = Set(CongestionControls.registered)
        guard let name = names.first(where: { !taken.contains($0) }) else {
            throw BPFError(
                .system, "attaching the hand-over", reason: "all names for its congestion control are taken",
                remedy: "detach another hand-over; 'bpftool struct_ops list' shows them")
        }
        return name
    }
}
