// SPDX-License-Identifier: Apache-2.0

/// The running kernel.
enum Kernel {
    /// What `uname -r` says.
    static var release: String {
        ((try? TextFile.read("/proc/sys/kernel/osrelease")) ?? "unknown").split(separator: "\n").first.map(String.init)
            ?? ""
    }
}
