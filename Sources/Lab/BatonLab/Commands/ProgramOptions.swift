// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The programs that a run starts.
struct ProgramOptions: ParsableArguments {
    @Option(
        name: .customLong("baton"),
        help: ArgumentHelp("The `baton` to measure (default: the one beside this program).", valueName: "file"))
    var batonOption: String?

    @Option(
        name: .customLong("python"),
        help: ArgumentHelp(
            "A Python that has pycurl with HTTP/3 (default: the one that scripts/bootstrap made).", valueName: "file"))
    var pythonOption: String?

    /// Path of `baton`.
    var baton: String { batonOption ?? "\(Executable.directory)/baton" }

    /// Path of the Python.
    var python: String { pythonOption ?? Executable.find("python/bin/python") ?? "python3" }

    /// Refuses early, and with advice, what cannot work on this machine.
    func preflight() throws {
        try Testbed.preflight(
            tools: ["ip", "nft", "openssl"],
            programs: [
                (baton, "build it with `swift build -c release`, or name it with --baton"),
                (python, "run scripts/bootstrap, or name a Python with --python"),
            ])
    }
}
