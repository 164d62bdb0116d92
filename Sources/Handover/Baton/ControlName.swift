// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import Glibc

/// The struct_ops congestion control of a handover: a resumed socket has it until Careful Resume is done with it, or for
/// the instant in which the policy `exact` sets ssthresh.
///
/// The kernel's registry of congestion controls is one for the whole machine. So each handover registers its own under
/// a name that is free: `baton`, `baton_1`, …; and a replacement is registered beside the one that it replaces.
enum ControlName {
    private static let baseName = "baton"
    private static let attempts = 32

    private static var names: [String] { [baseName] + (1..<attempts).map { "\(baseName)_\($0)" } }

    /// Whether a pin of this name is that of such a control.
    static func isOurs(_ name: String) -> Bool { names.contains(name) }

    /// A name that no congestion control bears now.
    ///
    /// - Throws: `system` if all are taken.
    static func free() throws(BPFError) -> String {
        let taken = Set(CongestionControls.registered)
        guard let name = names.first(where: { !taken.contains($0) }) else {
            throw BPFError(
                .system, "attaching the handover", reason: "all \(attempts) names for its congestion control are taken",
                remedy: "detach another handover; 'bpftool struct_ops list' shows their congestion controls")
        }
        return name
    }

    /// Attaches once more if another handover took the name between the look and the registration.
    static func retry(_ attach: () throws(BPFError) -> Void) throws(BPFError) {
        for _ in 1..<attempts {
            do throws(BPFError) { return try attach() } catch  where error.errno == EEXIST && error.isOfRegistration {}
        }
        try attach()
    }
}

extension BPFError {
    /// Whether registering a struct_ops failed: as a link, or before Linux 6.4 by a map.
    fileprivate var isOfRegistration: Bool { call == "BPF_LINK_CREATE" || call == "BPF_MAP_UPDATE_ELEM" }
}
