// SPDX-License-Identifier: Apache-2.0

/// What the emulator has to say: an answer to each control line, and to SIGUSR1.
package enum EmulatorEvent: Equatable, Sendable {
    /// The path began anew.
    case begun
    /// Timed stages count from now.
    case started
    /// The path entered this stage because it was told to. Timed stages begin in silence.
    case stage(Int)
    /// The counters since the report before, or since the path began.
    case report(PathReport)
    /// A control line that was not understood, and why.
    case rejected(String)
}
