// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonCommandLine
import BatonShared
import Foundation

/// A qlog that is written while events arrive: a sequence of JSON texts (RFC 7464), first the header, then one per
/// event.
///
/// All events of one read are written in one piece, so that a process that is killed leaves whole records.
final class QlogFile {
    private let path: String
    private let descriptor: Int32
    private let encoder = JSONEncoder()
    /// The time that the times of events count from.
    private let start: WallClock

    /// Creates the file, or empties an existing one, and writes the header.
    ///
    /// - Throws: `QlogFileError`.
    init(path: String, start: WallClock) throws {
        self.path = path
        self.start = start
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw QlogFileError(path: path, action: "opening", errno: errno) }
        try write(record(of: QlogHeader(start: start)))
    }

    deinit { close(descriptor) }

    /// Appends the phase changes among events. Decisions aren't part of a qlog.
    func append(_ events: [KernelEvent]) throws {
        var bytes = Data()
        for case .phase(let event) in events {
            bytes += try record(of: QlogEvent(event, "recovery:careful_resume_phase_updated", QlogPhase(event), start))
            bytes += try record(of: QlogEvent(event, "recovery:metrics_updated", QlogMetrics(event), start))
        }
        try write(bytes)
    }

    /// A JSON text between a record separator and a line feed (RFC 7464 §2.2).
    private func record(of value: some Encodable) throws -> Data {
        Data([0x1e]) + (try encoder.encode(value)) + Data([0x0a])
    }

    private func write(_ bytes: Data) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw QlogFileError(path: path, action: "writing", errno: errno) }
            rest = rest.dropFirst(count)
        }
    }
}

/// The file can't be created or written.
struct QlogFileError: CommandError {
    let path: String
    let action: String
    let errno: Int32

    var failureKind: FailureKind {
        errno == EACCES || errno == EPERM ? .permission : FailureKind("file", status: 1)
    }

    var description: String {
        let remedy =
            switch errno {
            case ENOENT: " (create its directory first)"
            case EISDIR: " (give the name of a file, not of a directory)"
            case ENOSPC, EDQUOT: " (free some space, or choose a file elsewhere)"
            default: ""
            }
        return "\(action) the qlog '\(path)': \(String(cString: strerror(errno)))\(remedy)"
    }
}
