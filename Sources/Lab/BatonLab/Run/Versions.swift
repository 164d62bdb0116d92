// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// Versions of the programs that a run measures with.
enum Versions {
    /// By program: `baton`, `libcurl`, and `chromium` where a scenario needs it.
    static func read(_ programs: Programs, of scenarios: [Scenario]) throws -> [String: String] {
        // no signal ends these, they are over at once
        let command = Command(signals: try SignalDescriptor([]))
        var versions = [
            "baton": try command.run([programs.baton, "--version"]),
            "libcurl": try command.run([programs.python, "-c", "import pycurl; print(pycurl.version)"]),
        ]
        if scenarios.contains(where: { $0.client == .chromium }) {
            // its wrapper complains of this and that
            versions["chromium"] = try command.run(["chromium", "--version"], diagnostics: .log("/dev/null"))
        }
        return versions
    }
}
