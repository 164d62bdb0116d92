// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// The pictures of results, which `scripts/plot` draws.
struct Plots {
    /// By scenario's name, those of all scenarios under the empty one: files in the directory.
    let pictures: [String: [String]]

    /// A line that the script prints for each picture.
    private struct Picture: Decodable {
        let scenario: String?
        let file: String
    }

    /// Draws them.
    ///
    /// - Parameters:
    ///   - results: the results directory.
    ///   - directory: where they go; it is made if it is not there.
    /// - Throws: `LabError` if the script or a Python with matplotlib isn't there, or with the script's own words.
    init(of results: String, in directory: String) throws {
        guard let python = Executable.find(".build/python/bin/python"), let script = Executable.find("scripts/plot")
        else {
            throw LabError(
                .unavailable,
                "no .build/python or no scripts/plot above \(Executable.directory); run `scripts/bootstrap bench`")
        }
        Progress.say("drawing to \(directory)")
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
