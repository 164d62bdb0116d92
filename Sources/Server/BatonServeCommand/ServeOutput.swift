// SPDX-License-Identifier: Apache-2.0

import BatonCommandLine
import BatonServe
import Foundation
import Logging
import NIOCore

/// What `baton-serve --json` writes to stdout: a line when the server is ready, and two for each TCP connection. It is
/// called on event loops, so it never waits for the reader: one that stops reading loses lines, which are counted.
struct ServeOutput: Sendable {
    private let lines: LineWriter?
    private let logger: Logger

    /// - Parameter isJSON: whether anything is written at all.
    init(isJSON: Bool, logger: Logger) {
        self.logger = logger
        guard isJSON else {
            lines = nil
            return
        }
        lines = LineWriter(descriptor: STDOUT_FILENO) { count in
            (try? encodeJSON(Lost(lines: count))) ?? Data()
        } onFailure: { errno in
            // A reader may go away and leave the server running; other errors end in an exit status too.
            let level = errno == EPIPE ? Logger.Level.warning : .error
            logger.log(level: level, "\(OutputFailure(errno: errno)); no further lines are written")
        }
    }

    /// - Parameter error: why there is no handover, unless nobody asked for one.
    func ready(address: String, port: Int, handover: Bool, error: CommandFailure.Detail?) {
        write(Ready(address: address, port: port, handover: handover, handoverError: Nullable(error)))
    }

    /// Before anything is sent on the connection.
    func accepted(_ connection: AcceptedConnection) { write(Accepted(connection)) }

    func closed(_ connection: ClosedConnection) { write(Closed(connection)) }

    /// Waits until everything is written, for a second at most, and logs what is not.
    func finish() -> End {
        switch lines?.flush() {
        case nil, .done: return .written
        case .stalled(let count):
            logger.warning("stdout is not read: \(count) lines were not written")
            return .closed
        case .failed(EPIPE): return .closed
        case .failed(let errno): return .failed(OutputFailure(errno: errno))
        }
    }

    /// How the output ended.
    enum End {
        case written
        /// The reader has gone away or reads no more.
        case closed
        case failed(OutputFailure)
    }

    private func write(_ value: some Encodable) {
        guard let lines else { return }
        do throws(OutputError) { lines.write(try encodeJSON(value)) } catch { logger.error("\(error)") }
    }

    /// The lines here are missing, as nobody read stdout.
    private struct Lost: Encodable {
        var schema = schemaVersion
        var event = "lost"
        var lines: UInt64
    }

    private struct Ready: Encodable {
        var schema = schemaVersion
        var event = "ready"
        var address: String
        var port: Int
        var handover: Bool
        /// `null`: there is a handover, or nobody asked for one.
        var handoverError: Nullable<CommandFailure.Detail>
    }

    private struct Accepted: Encodable {
        var schema = schemaVersion
        var event = "accepted"
        var connection: UInt64
        var remoteAddress: String
        var remotePort: Int
        var cwndSegments: UInt32
        /// `null`: infinite.
        var ssthreshSegments: Nullable<UInt32>
        var mssBytes: UInt32
        var congestionControl: String
        var rttUs: UInt32
        /// `null`: unlimited.
        var maxPacingRateBytesPerS: Nullable<UInt64>

        init(_ accepted: AcceptedConnection) {
            connection = accepted.connection
            remoteAddress = accepted.remoteAddress.ipAddress ?? ""
            remotePort = accepted.remoteAddress.port ?? 0
            cwndSegments = accepted.congestionWindowSegments
            ssthreshSegments = Nullable(accepted.slowStartThresholdSegments)
            mssBytes = accepted.maximumSegmentBytes
            congestionControl = accepted.congestionControl
            rttUs = accepted.smoothedRTTMicroseconds
            maxPacingRateBytesPerS = Nullable(accepted.maximumPacingBytesPerSecond)
        }
    }

    private struct Closed: Encodable {
        var schema = schemaVersion
        var event = "closed"
        var connection: UInt64
        var remoteAddress: String
        var remotePort: Int
        var cwndSegments: UInt32
        /// `null`: infinite.
        var ssthreshSegments: Nullable<UInt32>
        var retransmits: UInt32
        var bytesSent: UInt64
        var rttUs: UInt32

        init(_ closed: ClosedConnection) {
            connection = closed.connection
            remoteAddress = closed.remoteAddress.ipAddress ?? ""
            remotePort = closed.remoteAddress.port ?? 0
            cwndSegments = closed.congestionWindowSegments
            ssthreshSegments = Nullable(closed.slowStartThresholdSegments)
            retransmits = closed.retransmittedSegments
            bytesSent = closed.bytesSent
            rttUs = closed.smoothedRTTMicroseconds
        }
    }
}

/// Stdout can't be written.
struct OutputFailure: CommandError {
    let errno: Int32
    var description: String { "writing JSON to stdout: \(String(cString: strerror(errno)))" }
    var failureKind: FailureKind { FailureKind("output", status: 1) }
}

/// The log on stderr, which is written on event loops too: a reader that stops reading loses lines here as well.
struct LogStream: TextOutputStream, Sendable {
    private let lines = LineWriter(descriptor: STDERR_FILENO) { count in
        Data("baton-serve: \(count) lines of the log are missing here, as nobody read stderr".utf8)
    }

    /// Writes a line.
    ///
    /// - Parameter text: with its line feed.
    mutating func write(_ text: String) { lines.write(Data(text.utf8.dropLast(text.hasSuffix("\n") ? 1 : 0))) }

    /// Waits until everything is written, for a second at most.
    func flush() { lines.flush() }
}
