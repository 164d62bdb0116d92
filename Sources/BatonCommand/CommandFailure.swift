// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonServe
import Foundation

/// An error as the command line shows it: one line, and an exit status of sysexits(3).
struct CommandFailure {
    /// A word for programs.
    let kind: String
    let message: String
    let status: Int32
    /// The verifier's or libbpf's log.
    let log: String?

    init(_ error: any Error, usage: (any Error) -> String) {
        switch error {
        case let error as BPFError:
            (kind, status) =
                switch error.code {
                case .permission: ("permission", 77)
                case .unsupported: ("unsupported", 69)
                case .invalid, .mismatch, .notFound: ("configuration", 78)
                case .verifier: ("verifier", 69)
                case .system: ("system", 1)
                }
            message = error.description
            log = error.log
        case let error as ServeError:
            (kind, status, message, log) = ("configuration", 78, error.description, nil)
        case let error as NotSaved:
            (kind, status, message, log) = ("not_saved", 1, error.description, nil)
        case let error as NoRule:
            (kind, status, message, log) = ("no_rule", 1, error.description, nil)
        case let error as QlogFileError:
            let isPermission = error.errno == EACCES || error.errno == EPERM
            (kind, status) = isPermission ? ("permission", 77) : ("file", 1)
            (message, log) = (error.description, nil)
        default:
            let text = usage(error).split(separator: "\n").first.map(String.init) ?? "\(error)"
            (kind, status, message, log) = ("usage", 64, text, nil)
        }
    }

    func report(asJSON json: Bool) -> Never {
        if json {
            printJSON(Body(schema: schemaVersion, error: .init(kind: kind, message: message, status: Int(status))))
        } else {
            let log = log.flatMap { $0.isEmpty ? nil : $0 }
            let isDebugging = ProcessInfo.processInfo.environment["BATON_DEBUG"] != nil
            printError("baton: \(message)" + (log != nil && !isDebugging ? "; BATON_DEBUG=1 shows the whole log" : ""))
            if let log, isDebugging { printError(log) }
        }
        exit(status)
    }

    private struct Body: Encodable {
        struct Detail: Encodable {
            var kind: String
            var message: String
            var status: Int
        }
        var schema: Int
        var error: Detail
    }
}

/// Nothing is saved for the address that was asked for.
struct NotSaved: Error, CustomStringConvertible {
    let address: String
    var description: String { "nothing is saved for \(address)" }
}
