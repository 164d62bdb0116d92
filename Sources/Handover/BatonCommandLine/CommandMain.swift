// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
import Baton
import Foundation

/// What `baton` and `baton-serve` share around their commands: parsing, running, and reporting errors.
package enum CommandMain {
    /// The exit statuses, for help texts.
    package static let exitStatuses = """
        Exit status: 0 done, 64 usage, 69 the kernel or the machine lacks something, 77 permission denied, \
        78 configuration, 1 anything else.
        """

    /// Parses the command line and runs the command. Every error is one line on stderr, or one JSON object on stdout
    /// with `--json`, without a page of usage text.
    ///
    /// - Parameters:
    ///   - root: the command with all its subcommands.
    ///   - name: the program's name, with which an error line begins.
    package static func run<Root: ParsableCommand>(_ root: Root.Type, name: String) async {
        // SIGPIPE ends the process quietly when the reader goes away (`baton list | head`).
        signal(SIGPIPE, SIG_DFL)
        // If the parent process blocked signals, nothing could end 'watch' or 'serve'.
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        do {
            var command = try root.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = root.exitCode(for: error)
            // --help, --version, or the command has already reported the error.
            if code == .success || error is ExitCode { root.exit(withError: error) }
            let failure = CommandFailure(error, usage: code == .validationFailure ? root.message(for: error) : nil)
            failure.report(
                as: name, asJSON: CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json"))
        }
    }
}

/// Options that every command has.
package struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory on a bpffs in which the handover is pinned.", valueName: "path"))
    package var pinDirectory = Handover.defaultPinDirectory

    @Flag(help: "Print JSON: raw integers, units in the key names.")
    package var json = false

    package init() {}
}
