// SPDX-License-Identifier: Apache-2.0

/// What kept an HTTP/3 server from starting.
public struct HTTP3Error: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Sendable, Equatable {
        /// The address and port are in use, or can't be bound for another reason.
        case bind
        /// The certificate or its private key can't be used.
        case credentials
        /// The system refused a socket.
        case system
    }

    /// The kind of failure.
    public var code: Code
    /// The system's error number; 0 if there is none.
    public var errno: Int32
    /// One line that says what was tried, on what, and what the system answered.
    public var description: String

    /// An error with all its parts.
    public init(code: Code, errno: Int32 = 0, description: String) {
        self.code = code
        self.errno = errno
        self.description = description
    }
}

/// Why a body can't be read or written completely.
public enum HTTP3StreamError: Error, Sendable, Equatable {
    /// The client cancelled the request or stopped reading the response (RFC 9114, section 4.1.1).
    case reset
    /// The connection ended.
    case connectionClosed
    /// The server cancelled the request, because it is stopping.
    case cancelled
}
