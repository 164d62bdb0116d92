// SPDX-License-Identifier: Apache-2.0

/// Why a server can't serve: one line that names the value at fault and what to do about it.
public struct ServeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Sendable, Equatable {
        /// The address to listen at is no IP address with a port.
        case address
        /// Address and port can't be bound: another program has them, or the right to them is missing.
        case bind
        /// The certificate or the key can't be read, is no PEM, or the two don't belong together.
        case credentials
        /// The directory to serve is none, or can't be read.
        case root
        /// The server stopped for a reason of the system's.
        case system
    }

    /// The kind of failure.
    public var code: Code
    /// The system's error number; 0 if there is none.
    public var errno: Int32
    /// What is wrong with which value, and the mend.
    public var description: String

    /// An error with all its parts.
    public init(code: Code, errno: Int32 = 0, description: String) {
        self.code = code
        self.errno = errno
        self.description = description
    }
}
