// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// Short-lived tools: ip(8), nft(8), openssl(1), `baton get`.
struct Command {
    /// Signals that end the wait for a tool.
    let signals: SignalDescriptor

    /// Runs a tool to its end and returns what it printed.
    ///
    /// - Parameters:
    ///   - arguments: program and arguments.
    ///   - namespace: its network namespace; nil for this process's own.
    ///   - input: its standard input.
    ///   - diagnostics: where its standard error goes; by default it becomes part of the error that is thrown.
    /// - Throws: `LabError` with the tool's own message if it fails, `Interruption` at a signal.
    @discardableResult
    func run(
        _ arguments: [String], in namespace: NetworkNamespace? = nil, input: String = "",
        diagnostics: ChildProcess.Diagnostics = .withOutput
    ) throws -> String {
        let child = try ChildProcess(arguments[0], arguments, in: namespace, diagnostics: diagnostics)
        child.write(input)
        child.closeInput()
        let limit = TimeSpan(nanoseconds: 30_000_000_000)
        var lines: [String] = []
        while let line = try child.nextLine(within: limit, signals: signals) {
            lines.append(line)
        }
        let text = lines.joined(separator: "\n")
        let status = try child.waitForExit(within: limit, signals: signals) ?? child.stop()
        guard status == 0 else {
            throw LabError("`\(arguments.joined(separator: " "))` ended with status \(status): \(text)\(child.logTail)")
        }
        return text
    }
}
