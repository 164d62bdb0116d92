// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `baton serve` runs `baton-serve`: where it looks for the program, and the error if there is none.
@Suite struct ServeProgramTests {
    /// A prefix with nothing but the program `baton` in its `bin`.
    private final class Installation {
        let prefix: URL

        init() throws {
            prefix = FileManager.default.temporaryDirectory.appending(path: "baton-prefix-\(UUID().uuidString)")
                .resolvingSymlinksInPath()
            try FileManager.default.createDirectory(
                at: prefix.appending(path: "bin"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Machine.product("baton"), toPath: path("bin/baton"))
        }

        func path(_ name: String) -> String { prefix.appending(path: name).path }

        /// Puts a program there that prints its name and arguments and ends with status 5.
        func add(_ name: String, script: String = "#!/bin/sh\necho \"$0\" \"$@\"\nexit 5\n") throws {
            let file = prefix.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(script.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }

        func serve(_ options: String...) throws -> Machine.Output {
            try Machine.run([path("bin/baton"), "serve"] + options)
        }

        deinit { try? FileManager.default.removeItem(at: prefix) }
    }

    private static let places = ["bin/baton-serve", "libexec/baton/baton-serve", "libexec/baton-serve"]

    @Test("runs the program from each place, with its options and its status", arguments: places)
    func found(place: String) throws {
        let installation = try Installation()
        try installation.add(place)
        let output = try installation.serve("--root", "/srv/a b", "--json", "--", "-x")
        #expect(output.status == 5)
        #expect(output.standardOutput == "\(installation.path(place)) --root /srv/a b --json -- -x\n")
        #expect(output.standardError == "")
    }

    @Test("the program beside baton is preferred")
    func order() throws {
        let installation = try Installation()
        for place in Self.places.reversed() {
            try installation.add(place)
            #expect(try installation.serve().standardOutput == "\(installation.path(place))\n")
        }
    }

    @Test("a link to baton leads to the program beside baton itself")
    func link() throws {
        let installation = try Installation()
        try installation.add("bin/baton-serve")
        let link = installation.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: installation.path("bin/baton"))
        #expect(try Machine.run([link, "serve"]).standardOutput == "\(installation.path("bin/baton-serve"))\n")
    }

    @Test("without the program: status 69, and one line with the places and what to do")
    func missing() throws {
        let installation = try Installation()
        let output = try installation.serve("--root", "/srv")
        #expect(output.status == 69)
        #expect(output.standardOutput == "")
        #expect(output.standardError.hasPrefix("baton: "))
        #expect(output.standardError.split(separator: "\n").count == 1)
        for place in Self.places { #expect(output.standardError.contains(installation.path(place))) }
        #expect(output.standardError.contains("make build"))
    }

    @Test("without the program, with --json: one object on stdout")
    func missingAsJSON() throws {
        let installation = try Installation()
        let output = try installation.serve("--root", "/srv", "--json")
        #expect(output.status == 69)
        #expect(output.standardError == "")
        let body = try #require(try output.json() as? [String: Any])
        let error = try #require(body["error"] as? [String: Any])
        #expect(error["kind"] as? String == "unsupported")
        #expect(error["status"] as? Int == 69)
        let message = try #require(error["message"] as? String)
        for place in Self.places { #expect(message.contains(installation.path(place))) }
    }

    @Test("a program that the system can't run is an error that names it")
    func unrunnable() throws {
        let installation = try Installation()
        try installation.add("bin/baton-serve", script: "#!/no/such/interpreter\n")
        let output = try installation.serve()
        #expect(output.status == 1)
        let path = installation.path("bin/baton-serve")
        #expect(output.standardError == "baton: running \(path): No such file or directory\n")
    }
}
