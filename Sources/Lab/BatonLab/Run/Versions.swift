// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// Versions of the kernel and the programs that a run measures with.
enum Versions {
    /// What `uname -r` says.
    static var kernel: String {
        ((try? TextFile.read("/proc/sys/kernel/osrelease")) ?? "unknown").split(separator: "\n").first.map(String.init)
            ?? ""
    }

    /// By program: `baton`, `libcurl`, and `chromium` where a scenario needs it.
    static func read(_ programs: ProgramOptions, of scenarios: [Scenario]) throws -> [String: String] {
        // no signal ends these: each takes only a moment
        let command = Command(signals: try SignalDescriptor([]))
        var versions = [
            "baton": try command.run([programs.baton, "--version"]),
            "libcurl": try command.run([programs.python, "-c", "import pycurl; print(pycurl.version)"]),
        ]
        if scenarios.contains(where: { $0.client == .chromium }) {
            // Chromium's wrapper script prints warnings on standard error
            versions["chromium"] = try command.run(["chromium", "--version"], diagnostics: .log("/dev/null"))
        }
        return versions
    }
}
