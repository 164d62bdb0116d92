// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The programs that a run starts.
struct ProgramOptions: ParsableArguments {
    @Option(
        name: .customLong("baton"),
        help: ArgumentHelp("The `baton` to run (default: the one beside this program).", valueName: "file"))
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

    /// Fails early, and says what to do, if this machine lacks something.
    ///
    /// - Parameter further: programs needed besides, each with the advice for when it is missing.
    func preflight(further: [(path: String, advice: String)] = []) throws {
        let programs = [
            (path: baton, advice: "build it with `swift build -c release`, or name it with --baton"),
            (path: python, advice: "run scripts/bootstrap, or name a Python with --python"),
        ]
        try Testbed.preflight(tools: ["ip", "nft", "openssl"], programs: programs + further)
    }
}
