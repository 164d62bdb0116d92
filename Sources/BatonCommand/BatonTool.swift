// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation

/// `baton`: hands the congestion state of QUIC connections to the TCP connections that replace them.
@main
struct BatonTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton",
        abstract: "Hands a QUIC connection's congestion window and slow start threshold to the TCP connection that "
            + "replaces it.",
        discussion: """
            Exit status: 0 done, 64 usage, 69 the kernel or the machine lacks something, 77 permission denied, \
            78 configuration, 1 anything else.
            """,
        version: "0.1.0",
        subcommands: [
            Check.self, Attach.self, Detach.self, StatusCommand.self, Put.self, Get.self, List.self, Forget.self,
            PrefixCommand.self, Watch.self, Serve.self,
        ])

    /// One line for people on stderr, or one JSON object on stdout, for every error; never a stack of usage lines.
    static func main() async {
        // A reader that goes away (`baton list | head`) is no crash.
        signal(SIGPIPE, SIG_DFL)
        // A parent may have blocked signals; nothing could end 'watch' or 'serve' then.
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            if code == .success || error is ExitCode { exit(withError: error) }  // --help, --version, or already said
            CommandFailure(error, usage: { message(for: $0) }).report(
                asJSON: CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json"))
        }
    }
}

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Option(help: "Where the hand-over is pinned, a directory on a bpffs.")
    var pinDirectory = HandOver.defaultPinDirectory

    @Flag(help: "Print JSON: raw integers, units in the names.")
    var json = false
}
