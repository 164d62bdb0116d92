// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
package import Scenarios

/// Where the scenarios are.
package struct ScenarioOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of the scenarios (default: the nearest 'Scenarios' above this program).", valueName: "directory")
    )
    package var scenarios: String?

    package init() {}

    /// All scenarios of the directory.
    ///
    /// - Throws: `LabError` of status `configuration` if there is no such directory.
    package func catalogue() throws -> Catalogue {
        guard let directory = scenarios ?? Executable.find("Scenarios") else {
            throw LabError(
                .configuration, "no directory 'Scenarios' above \(Executable.directory); name one with --scenarios")
        }
        do throws(Catalogue.Failure) {
            return try Catalogue(directory: directory)
        } catch {
            throw LabError(.configuration, error.description)
        }
    }

    /// The scenarios with these names, in the order of the names. A name with a `/` or that ends with `.yaml` is a
    /// file.
    ///
    /// - Throws: `LabError` of status `configuration` that says what is wrong with a file, or names the nearest names.
    package func scenarios(named names: [String]) throws -> [Scenario] {
        let files = names.filter(Self.isFile)
        let catalogue = files.count == names.count ? nil : try catalogue()
        return try names.compactMap { name in
            do {
                return Self.isFile(name) ? try Scenario.read(file: name) : try catalogue?.scenario(named: name)
            } catch let error as ScenarioError {
                throw LabError(.configuration, "'\(name)' can't be read:\n\(error)")
            } catch let error as Catalogue.Failure {
                throw LabError(.configuration, error.description)
            }
        }
    }

    private static func isFile(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".yaml") }
}
