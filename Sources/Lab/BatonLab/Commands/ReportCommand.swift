// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Measurements

/// Results as a page, as pictures, and as the figures that the README quotes.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show the results of a run as Markdown and as pictures.",
        discussion: """
            The page lists first where a treatment does harm, then where it helps, then everything that was measured. \
            It goes to standard output unless --output, --keep or --readme is given.

            With --keep, the page, the pictures and the README's figures are made from the kept copy.
            """)

    @Argument(help: ArgumentHelp("Results directory.", valueName: "directory"))
    var directory: String

    @Option(help: ArgumentHelp("Write the page to this file.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Draw pictures into this directory, and show them on the page.", valueName: "directory"))
    var plots: String?

    @Option(
        name: .customLong("scenario"),
        help: ArgumentHelp("Only this scenario; may be repeated.", valueName: "name"))
    var scenarios: [String] = []

    @Option(
        help: ArgumentHelp("Keep a compact copy of the data in this directory (at most 2 MiB).", valueName: "directory")
    )
    var keep: String?

    @Option(
        help: ArgumentHelp(
            "Update the figures in this page: the text between the lines '\(FiguresBlock.begin)' and "
                + "'\(FiguresBlock.end)'.", valueName: "file"))
    var readme: String?

    func run() throws {
        var (source, results) = try limited(directory)
        if let keep {
            let size = try CompactResults(results, from: ResultsFile(in: source)).write(to: keep)
            Progress.say("kept \(results.samples.count) samples in \(keep), \(Text.grouped(Int64(size))) bytes")
            (source, results) = try limited(keep)
        }
        let pictures = try plots.map { try Plots(of: source, in: $0).pictures } ?? [:]
        if output != nil || (keep == nil && readme == nil) {
            try write(page(results, pictures))
        }
        if let readme {
            let pictures = Self.relative(plots ?? source, to: Self.parent(of: readme))
            let page = try FiguresBlock(results, pictures: pictures).replaced(in: TextFile.read(readme))
            try TextFile.write(page, to: readme)
            Progress.say("updated the figures in \(readme)")
        }
    }

    private func limited(_ directory: String) throws -> (String, RecordedResults) {
        let results = try ResultsFile(in: directory).read()
        for remark in results.remarks {
            Progress.say(remark)
        }
        guard !scenarios.isEmpty else { return (directory, results) }
        let measured = Set(results.samples.map(\.scenario))
        if let unknown = scenarios.first(where: { !measured.contains($0) }) {
            throw LabError(
                .usage,
                "\(directory) has no samples of '\(unknown)', only of \(measured.sorted().joined(separator: ", "))")
        }
        return (directory, results.limited(to: Set(scenarios)))
    }

    private func page(_ results: RecordedResults, _ pictures: [String: [String]]) -> String {
        let page = output.map(Self.parent) ?? "."
        let relative = Self.relative(plots ?? ".", to: page)
        return Report(
            results,
            pictures: pictures.mapValues { files in
                files.map { relative == "." ? $0 : "\(relative)/\($0)" }
            }
        ).text
    }

    private func write(_ page: String) throws {
        if let output {
            try TextFile.write(page, to: output)
        } else {
            JSONLine.write(String(page.dropLast()))
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func relative(_ target: String, to directory: String) -> String {
        RelativePath.path(from: absolute(directory), to: absolute(target))
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return "\(String(cString: here))/\(path)"
    }
}
