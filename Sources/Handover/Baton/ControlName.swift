// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import Glibc

/// The name under which a handover registers its struct_ops congestion control. A resumed socket has that control until
/// Careful Resume ends, or, under the policy `exact`, for the instant in which ssthresh is set.
///
/// The kernel has one registry of congestion controls for the whole machine. So each handover registers its control
/// under a name that is free: `baton`, `baton_1`, … When a handover is replaced, the new control is registered beside
/// the old one.
enum ControlName {
    private static let baseName = "baton"
    private static let attempts = 32

    private static var names: [String] { [baseName] + (1..<attempts).map { "\(baseName)_\($0)" } }

    /// Whether a pin with this name belongs to such a control.
    static func isOurs(_ name: String) -> Bool { names.contains(name) }

    /// A name that no registered congestion control has.
    ///
    /// - Throws: `system` if all names are taken.
    static func free() throws(BPFError) -> String {
        let taken = Set(CongestionControls.registered)
        guard let name = names.first(where: { !taken.contains($0) }) else {
            throw BPFError(
                .system, "attaching the handover", reason: "all \(attempts) names for its congestion control are taken",
                remedy: "detach another handover; 'bpftool struct_ops list' shows their congestion controls")
        }
        return name
    }

    /// Runs `attach` again if another handover registered the name after `free` had chosen it.
    static func retry(_ attach: () throws(BPFError) -> Void) throws(BPFError) {
        for _ in 1..<attempts {
            do throws(BPFError) { return try attach() } catch  where error.errno == EEXIST && error.isOfRegistration {}
        }
        try attach()
    }
}

extension BPFError {
    /// Whether the call that failed registers a struct_ops: as a link, or before Linux 6.4 through its map.
    fileprivate var isOfRegistration: Bool { call == "BPF_LINK_CREATE" || call == "BPF_MAP_UPDATE_ELEM" }
}
