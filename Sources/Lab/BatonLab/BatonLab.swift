// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Glibc
import Measurements
import PathEmulator

/// The command-line tool `baton-lab`.
@main
struct BatonLab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton-lab", abstract: "Experiments with Baton on an emulated path.",
        discussion: """
            Exit status: 0 done, with the expected result · 1 failure, or another result · 64 wrong usage · 69 the \
            kernel or the machine lacks something · 77 permission denied · 78 a scenario can't be read, or no scenario \
            has that name · 128 + N ended by signal N, after it removed everything it had made.
            """,
        version: BatonVersion.current,
        subcommands: [
            DemoCommand.self, FallbackCommand.self, ListCommand.self, RunCommand.self, ReportCommand.self,
            CompareCommand.self, ReplayCommand.self, UpCommand.self, PathCommand.self, EnterCommand.self,
            CleartextServerCommand.self, CleartextClientCommand.self,
        ])

    static func main() {
        Progress.begin()
        // if the reader of the output goes away, the run must still remove what it made
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as LabError {
            fail("\(error)", status: error.status.rawValue)
        } catch let error as ResultsError {
            fail("\(error)", status: ExitStatus.failure.rawValue)
        } catch let error as LinuxError {
            let denied = error.errorNumber == EPERM || error.errorNumber == EACCES
            fail("\(error)", status: (denied ? ExitStatus.permission : .failure).rawValue)
        } catch let error as Interruption {
            fail("\(error); everything it had made is removed", status: 128 + error.signal)
        } catch {
            exit(withError: error)
        }
    }

    private static func fail(_ message: String, status: Int32) -> Never {
        Progress.writeToStandardError("baton-lab: \(message)\n")
        Glibc.exit(status)
    }
}
