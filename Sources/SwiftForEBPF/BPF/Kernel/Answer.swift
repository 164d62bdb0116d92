// SPDX-License-Identifier: Apache-2.0

/// The answer to whether something is there.
public enum Answer: Sendable, Equatable {
    /// It is there.
    case yes
    /// It isn't.
    case no
    /// It could not be found out, for the reason given.
    case unknown(String)
}
