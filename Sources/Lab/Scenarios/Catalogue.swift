// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A directory with one file per scenario.
package struct Catalogue: Sendable {
    /// An error that concerns the directory, or a name.
    package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    package let directory: String
    /// Sorted by name.
    package private(set) var scenarios: [Scenario] = []
    /// Files that could not be read, sorted by name.
    package private(set) var broken: [ScenarioError] = []

    /// Reads all files of a directory whose names end with `.yaml`.
    ///
    /// - Throws: `Failure` if the directory can't be read, or has no such file.
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
        // by name, not by file: `-` sorts before `.`, so a longer file name would come first
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

    /// The scenarios of a set, sorted by name.
    package func scenarios(in set: String) -> [Scenario] { scenarios.filter { $0.sets.contains(set) } }

    /// Whether it is a valid name of a scenario or set: words of lower-case ASCII letters and digits, joined by
    /// hyphens.
    static func isName(_ text: String) -> Bool {
        text.count <= 64
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
            }
    }

    /// The scenario's name; nil if the file is not a scenario.
    static func name(ofFile file: String) -> String? {
        file.hasSuffix(".yaml") ? String(file.dropLast(".yaml".count)) : nil
    }
}
