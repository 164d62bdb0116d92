// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Measurements
import PathEmulator

/// The command-line tool `baton-lab`.
@main
struct BatonLab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton-lab", abstract: "Experiments with Baton on an emulated path.",
        discussion: """
            Exit status: 0 found what was expected · 1 failure, or found something else · 64 usage · 69 the kernel or the \
            machine lacks something · 77 no permission · 78 a scenario can't be read, or there is none of that name · \
            128 + N ended by signal N, with everything taken down.
            """,
        subcommands: [
            DemoCommand.self, FallbackCommand.self, ListCommand.self, RunCommand.self, ReportCommand.self,
            CompareCommand.self,
            ReplayCommand.self, UpCommand.self, PathCommand.self, EnterCommand.self, CleartextServerCommand.self,
            CleartextClientCommand.self,
        ])

    static func main() {
        Progress.begin()
        // a reader that goes away must not keep a run from being taken down
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
            fail("\(error); everything was taken down", status: 128 + error.signal)
        } catch {
            exit(withError: error)
        }
    }

    private static func fail(_ message: String, status: Int32) -> Never {
        Progress.writeToStandardError("baton-lab: \(message)\n")
        Glibc.exit(status)
    }
}
