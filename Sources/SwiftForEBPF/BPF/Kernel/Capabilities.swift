// SPDX-License-Identifier: Apache-2.0

/// What this thread may do (capabilities(7)).
public enum Capabilities {
    private static let needed: [(name: String, bit: UInt64)] = [
        ("CAP_NET_ADMIN", 12), ("CAP_PERFMON", 38), ("CAP_BPF", 39),
    ]

    /// Whether the thread may load programs and attach them.
    static func item() -> Preflight.Item {
        var item = Preflight.Item(name: "capabilities", answer: .yes, finding: "", minimumKernel: "5.8")
        guard let status = FileText.text("/proc/thread-self/status"), let missing = missing(inStatus: status) else {
            item.answer = .unknown("/proc/thread-self/status can't be read")
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

    /// Which of them the text of /proc/PID/status doesn't grant; `nil` if that isn't such a text.
    package static func missing(inStatus status: String) -> [String]? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let set = UInt64(line.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16)
        else { return nil }
        // CAP_SYS_ADMIN (21) stands for CAP_BPF and CAP_PERFMON.
        return needed.filter { set & (1 << $0.bit) == 0 && ($0.bit == 12 || set & (1 << 21) == 0) }.map(\.name)
    }

    /// - Throws: `permission`, naming those that are missing for loading and attaching programs.
    public static func demand(_ action: String) throws(BPFError) {
        try Preflight([.capabilities]).demand(action)
    }
}
