// SPDX-License-Identifier: Apache-2.0

import Yams

/// A YAML file as nodes that know their lines.
enum Document {
    /// The section at its top; nil, and reported, if there is none or the text is not YAML. A YAML error is reported
    /// alone, since nothing can be read beyond it.
    static func root(of text: String, _ problems: Problems) -> Section<ScenarioKeys.Root>? {
        do {
            guard let node = try Yams.compose(yaml: text, .basic, .default, .utf8) else {
                problems.add(line: 1, key: nil, found: "is empty", expected: "a scenario, which begins with its title")
                return nil
            }
            guard case .mapping(let mapping) = node else {
                problems.add(
                    line: node.mark?.line, key: nil, found: "is not a section with keys",
                    expected: "a scenario, which begins with its title")
                return nil
            }
            return Section(mapping, key: nil, line: 1, problems)
        } catch let error as YamlError {
            add(error, of: text, to: problems)
        } catch {
            problems.add(line: nil, key: nil, found: "\(error)", expected: "YAML")
        }
        return nil
    }

    private static func add(_ error: YamlError, of text: String, to problems: Problems) {
        switch error {
        case .composer(_, let problem, let mark, _) where problem == "but found another document":
            problems.add(
                line: mark.line, key: nil, found: "another document begins", expected: "one scenario in a file")
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let begun = context.map { ", \($0.text) that began in line \($0.mark.line)" } ?? ""
            let expected =
                problem.hasPrefix("mapping values are not allowed") ? "quotes around a text that contains ': '" : "YAML"
            problems.add(line: mark.line, key: nil, found: problem + begun, expected: expected)
        case .duplicatedKeysInMapping(let names, let context):
            for name in names.sorted() {
                problems.add(
                    line: context.mark.line, key: name, found: "is given more than once in its section",
                    expected: "it only once")
            }
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).count { $0.isNewline } + 1 }
            problems.add(line: line, key: nil, found: problem, expected: "YAML")
        default:
            problems.add(line: nil, key: nil, found: "\(error)", expected: "YAML")
        }
    }
}
