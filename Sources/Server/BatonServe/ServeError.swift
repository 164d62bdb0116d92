// SPDX-License-Identifier: Apache-2.0

/// Why a server can't serve, in one line: which value is wrong, why, and the remedy.
public struct ServeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Sendable, Equatable {
        /// The address to listen on is not an IP address with a port.
        case address
        /// Address and port can't be bound: another program uses them, or the process lacks the right.
        case bind
        /// The certificate or the key can't be read or is not PEM, or the two don't belong together.
        case credentials
        /// The directory to serve doesn't exist, is not a directory, or can't be read.
        case root
        /// The server stopped because of an error of the system.
        case system
    }

    /// The kind of failure.
    public var code: Code
    /// The system's error number; 0 if there is none.
    public var errno: Int32
    /// Which value is wrong, why, and the remedy.
    public var description: String

    /// An error with all its parts.
    public init(code: Code, errno: Int32 = 0, description: String) {
        self.code = code
        self.errno = errno
        self.description = description
    }
}
