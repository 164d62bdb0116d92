// SPDX-License-Identifier: Apache-2.0

/// Exit statuses of `baton-lab`.
package enum ExitStatus: Int32, Sendable {
    /// Something failed, or the result is not the expected one.
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// The machine or its kernel lacks something.
    case unavailable = 69
    /// Permission denied.
    case permission = 77
    /// A scenario can't be read, or no scenario has that name.
    case configuration = 78
}

/// What went wrong, in one line that names the value and says what to do.
package struct LabError: Error, CustomStringConvertible, Sendable {
    package let status: ExitStatus
    package let description: String

    package init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }

    package init(_ description: String) {
        self.init(.failure, description)
    }
}

/// A signal asked the process to end. It removes everything it made, then exits with a status that names the signal.
package struct Interruption: Error, CustomStringConvertible, Sendable {
    package let signal: Int32

    package var description: String { "interrupted by signal \(signal)" }
}
