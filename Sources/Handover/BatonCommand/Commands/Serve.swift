// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BatonCommandLine
import Glibc

/// Runs the program `baton-serve` in its own place: `baton` links no HTTP server.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve files over HTTP/1.1, HTTP/2 and HTTP/3 on one port, with the handover attached.",
        discussion: "Runs the program baton-serve with the same options; 'baton serve --help' shows them.")

    @Argument(parsing: .captureForPassthrough, help: "Options of baton-serve.")
    var options: [String] = []

    func run() throws {
        let program = try ServeProgram.find()
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + options).map { strdup($0) }
        arguments.append(nil)
        execv(program, arguments)
        throw ServeProgram.CannotRun(path: program, errno: errno)
    }
}

/// Where `baton-serve` is installed.
enum ServeProgram {
    static let name = "baton-serve"

    /// Looks in the directory of this program, then in libexec of the same prefix.
    ///
    /// - Returns: the path of the program.
    /// - Throws: `Missing`.
    static func find() throws(Missing) -> String {
        let candidates = ServeProgram.candidates(besides: ownDirectory)
        guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw Missing(candidates: candidates)
        }
        return path
    }

    static func candidates(besides directory: String) -> [String] {
        let prefix = String(directory.prefix(upTo: directory.lastIndex(of: "/") ?? directory.startIndex))
        return ["\(directory)/\(name)", "\(prefix)/libexec/baton/\(name)", "\(prefix)/libexec/\(name)"]
    }

    private static var ownDirectory: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// `baton-serve` isn't installed.
    struct Missing: CommandError {
        let candidates: [String]
        var description: String {
            "'baton serve' runs the program \(name), which is not installed: looked for "
                + candidates.joined(separator: ", ") + " ('make build' builds it; put it into the directory of baton)"
        }
        var failureKind: FailureKind { .unsupported }
    }

    /// `baton-serve` is installed, but can't be executed.
    struct CannotRun: CommandError {
        let path: String
        let errno: Int32
        var description: String { "running \(path): \(String(cString: strerror(errno)))" }
        var failureKind: FailureKind { .system }
    }
}
