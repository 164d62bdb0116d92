// SPDX-License-Identifier: Apache-2.0

/// The capabilities of this thread (capabilities(7)).
public enum Capabilities {
    private static let needed: [(name: String, bit: UInt64)] = [
        ("CAP_NET_ADMIN", 12), ("CAP_PERFMON", 38), ("CAP_BPF", 39),
    ]

    /// Whether the thread may load and attach programs.
    static func item() -> Preflight.Item {
        var item = Preflight.Item(name: "capabilities", answer: .yes, finding: "", minimumKernel: "5.8")
        guard let status = FileText.text("/proc/thread-self/status"), let missing = missing(inStatus: status) else {
            item.answer = .unknown("can't read /proc/thread-self/status")
            return item
        }
        if missing.isEmpty {
            item.finding = needed.map(\.name).joined(separator: ", ")
        } else {
            item.answer = .no
            item.isPermission = true
            item.finding = "\(missing.joined(separator: ", ")) missing"
            item.remedy = "run as root, or give the process these capabilities"
        }
        return item
    }

    /// The needed capabilities that are missing in the text of /proc/PID/status; `nil` if the text has another format.
    package static func missing(inStatus status: String) -> [String]? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let set = UInt64(line.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16)
        else { return nil }
        // CAP_SYS_ADMIN (21) includes CAP_BPF and CAP_PERFMON.
        return needed.filter { set & (1 << $0.bit) == 0 && ($0.bit == 12 || set & (1 << 21) == 0) }.map(\.name)
    }

    /// Checks for `CAP_BPF`, `CAP_NET_ADMIN` and `CAP_PERFMON`, which loading and attaching programs needs.
    ///
    /// - Parameter action: the operation that needs them, for the error.
    /// - Throws: `permission`, with the names of the missing capabilities.
    public static func demand(_ action: String) throws(BPFError) {
        try Preflight([.capabilities]).demand(action)
    }
}
