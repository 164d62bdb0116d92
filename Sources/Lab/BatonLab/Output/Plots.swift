// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// Pictures of results, drawn by `scripts/plot`.
struct Plots {
    /// Files in the directory, by scenario name; those that show all scenarios are under the empty name.
    let pictures: [String: [String]]

    /// The line that the script prints for each picture.
    private struct Picture: Decodable {
        let scenario: String?
        let file: String
    }

    /// Draws them.
    ///
    /// - Parameters:
    ///   - results: the results directory.
    ///   - directory: where they go; created if it does not exist.
    /// - Throws: `LabError` if the script or a Python with matplotlib is missing, or with the script's own message.
    init(of results: String, in directory: String) throws {
        guard let python = Executable.find(".build/python/bin/python"), let script = Executable.find("scripts/plot")
        else {
            throw LabError(
                .unavailable,
                "no .build/python or no scripts/plot above \(Executable.directory); run `scripts/bootstrap bench`")
        }
        Progress.say("drawing pictures into \(directory)")
        let command = Command(signals: try SignalDescriptor([SIGINT, SIGTERM, SIGHUP]))
        let output = try command.run([python, script, results, directory])
        var pictures: [String: [String]] = [:]
        for line in output.split(separator: "\n") {
            let picture = try JSONLine.decode(Picture.self, from: String(line), of: script)
            pictures[picture.scenario ?? "", default: []].append(picture.file)
        }
        self.pictures = pictures
    }
}
