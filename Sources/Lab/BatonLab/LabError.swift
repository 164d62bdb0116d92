// SPDX-License-Identifier: Apache-2.0

/// Exit statuses of `baton-lab`.
package enum ExitStatus: Int32, Sendable {
    /// Something failed, or what was found is not what was expected.
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// The machine or its kernel lacks something.
    case unavailable = 69
    /// It needs more rights.
    case permission = 77
    /// A scenario can't be read, or there is none of that name.
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

/// A signal asked for the end; everything is taken down before the process ends by that signal.
package struct Interruption: Error, CustomStringConvertible, Sendable {
    package let signal: Int32

    package var description: String { "interrupted by signal \(signal)" }
}
