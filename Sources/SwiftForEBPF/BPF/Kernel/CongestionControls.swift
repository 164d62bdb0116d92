// SPDX-License-Identifier: Apache-2.0

/// The kernel's registry of congestion controls, one for the whole machine.
public enum CongestionControls {
    /// The names that are taken, built-in ones and those of struct_ops alike; none if /proc can't be read.
    public static var registered: [String] {
        (FileText.text("/proc/sys/net/ipv4/tcp_available_congestion_control") ?? "")
            .split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}
