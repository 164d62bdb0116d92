// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
package import BPF
package import Foundation

/// An error that a command expects. It has a kind, which determines the exit status.
package protocol CommandError: Error, CustomStringConvertible {
    /// The kind of this error.
    var failureKind: FailureKind { get }
}

/// What kind of failure ended a command.
package struct FailureKind: Sendable, Equatable {
    /// A word for programs, `kind` in the JSON.
    package let name: String
    /// The exit status, of sysexits(3).
    package let status: Int32

    package init(_ name: String, status: Int32) {
        self.name = name
        self.status = status
    }

    package static let usage = FailureKind("usage", status: 64)
    package static let unsupported = FailureKind("unsupported", status: 69)
    package static let verifier = FailureKind("verifier", status: 69)
    package static let permission = FailureKind("permission", status: 77)
    package static let configuration = FailureKind("configuration", status: 78)
    package static let system = FailureKind("system", status: 1)
    /// An error that no command expects.
    package static let unexpected = FailureKind("unexpected", status: 1)
}

/// An error as the command line shows it: one line, and an exit status of sysexits(3).
package struct CommandFailure {
    package let kind: FailureKind
    let message: String
    /// The verifier's or libbpf's log.
    let log: String?
    /// The system call, or the command of bpf(2), that failed.
    let call: String?
    /// The errno of that call; 0: there was no call.
    let errno: Int32

    /// - Parameter usage: the message of the command line parser, if the error is one of usage.
    package init(_ error: any Error, usage: String?) {
        if let usage {
            kind = .usage
            message = usage.split(separator: "\n").first.map(String.init) ?? "\(error)"
            (log, call, errno) = (nil, nil, 0)
            return
        }
        message = "\(error)"
        if let error = error as? BPFError {
            kind = FailureKind(error.code)
            log = error.log.flatMap { $0.isEmpty ? nil : $0 }
            (call, errno) = (error.call, error.errno)
        } else {
            kind = (error as? any CommandError)?.failureKind ?? .unexpected
            (log, call, errno) = (nil, nil, 0)
        }
    }

    /// Whether `BATON_DEBUG` asks for the whole log: it is set, and neither empty nor 0.
    package static var isDebugging: Bool {
        ProcessInfo.processInfo.environment["BATON_DEBUG"].map { !$0.isEmpty && $0 != "0" } ?? false
    }

    /// Prints the failure and ends the process.
    package func report(as program: String, asJSON json: Bool) -> Never {
        let hint = log != nil && !Self.isDebugging ? "; BATON_DEBUG=1 shows the whole log" : ""
        let line = "\(program): \(message)"
        if json {
            // Nobody reads stdout any more, or it is full: use stderr.
            do { try printJSON(Body(error: detail)) } catch { printError("\(line); and \(error)") }
        } else {
            printError(line + hint)
            if let log, Self.isDebugging { printError(log) }
        }
        exit(kind.status)
    }

    /// The JSON object that `report` prints.
    package func encoded() throws(OutputError) -> Data { try encodeJSON(Body(error: detail)) }

    /// The failure as JSON.
    package struct Detail: Encodable, Sendable {
        var kind: String
        var message: String
        var status: Int32
        /// `null`: no system call failed.
        var call: Nullable<String>
        var errno: Nullable<Int32>
        /// `null`: neither the verifier nor libbpf wrote one.
        var log: Nullable<String>
    }

    /// The failure as JSON.
    package var detail: Detail {
        Detail(
            kind: kind.name, message: message, status: kind.status, call: Nullable(call),
            errno: Nullable(errno == 0 ? nil : errno), log: Nullable(log))
    }

    private struct Body: Encodable {
        var schema = schemaVersion
        var error: Detail
    }
}

extension FailureKind {
    /// The kind of a `BPFError` with this code.
    package init(_ code: BPFError.Code) {
        self =
            switch code {
            case .permission: .permission
            case .unsupported: .unsupported
            case .invalid, .mismatch, .notFound: .configuration
            case .verifier: .verifier
            case .system: .system
            }
    }
}
