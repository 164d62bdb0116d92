// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A directory with a file per scenario.
package struct Catalogue: Sendable {
    /// What went wrong with the directory, or with a name.
    package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    package let directory: String
    /// By name.
    package private(set) var scenarios: [Scenario] = []
    /// What is wrong with the files that could not be read, by name.
    package private(set) var broken: [ScenarioError] = []

    /// Reads all files of a directory whose names end with `.yaml`; the others aren't scenarios.
    ///
    /// - Throws: if the directory can't be read, or has no such file.
    package init(directory: String) throws(Failure) {
        self.directory = directory
        guard let files = SourceFile.names(in: directory) else {
            let reason = String(cString: strerror(errno))
            throw Failure(description: "\(directory): \(reason); expected a directory of scenarios")
        }
        for file in files where file.hasSuffix(".yaml") {
            do throws(ScenarioError) {
                scenarios.append(try Scenario.read(file: "\(directory)/\(file)"))
            } catch {
                broken.append(error)
            }
        }
        // `-` sorts before `.`, and so would a longer name
        scenarios.sort { $0.name < $1.name }
        guard !scenarios.isEmpty || !broken.isEmpty else {
            throw Failure(description: "\(directory) has no scenarios; expected files that end with .yaml")
        }
    }

    /// The scenario with a name.
    ///
    /// - Throws: `Failure` with the nearest names if there is none, `ScenarioError` if its file can't be read.
    package func scenario(named name: String) throws -> Scenario {
        if let scenario = scenarios.first(where: { $0.name == name }) { return scenario }
        let broken = broken.first { $0.file == "\(directory)/\(name).yaml" }
        if let broken { throw broken }
        let names = scenarios.map(\.name)
        let nearest = NearestName.of(name, among: names)
        let beginning = names.filter { $0.hasPrefix(name) && !name.isEmpty }
        let meant = nearest.isEmpty ? beginning : nearest
        throw Failure(
            description: "\(directory) has no scenario '\(name)'; expected "
                + (meant.isEmpty ? "one of \(names.joined(separator: ", "))" : meant.alternatives))
    }

    /// The scenarios of a set, by name.
    package func scenarios(in set: String) -> [Scenario] { scenarios.filter { $0.sets.contains(set) } }

    /// Whether it can be the name of a scenario or set: lower-case ASCII letters and digits, with single hyphens between.
    static func isName(_ text: String) -> Bool {
        text.count <= 64
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
            }
    }

    /// Nil if the file is no scenario's.
    static func name(ofFile file: String) -> String? {
        file.hasSuffix(".yaml") ? String(file.dropLast(".yaml".count)) : nil
    }
}
