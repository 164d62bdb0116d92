// SPDX-License-Identifier: Apache-2.0

import BatonCommandLine
import BatonServe
import Foundation
import Logging
import NIOCore

/// What `baton-serve --json` says on stdout: a line when it is ready, and two for each TCP connection. Called on event
/// loops: a reader that stops reading loses lines, which are counted, and holds up no request.
struct ServeOutput: Sendable {
    private let lines: LineWriter?
    private let logger: Logger

    /// - Parameter isJSON: whether anything is said at all.
    init(isJSON: Bool, logger: Logger) {
        self.logger = logger
        lines =
            isJSON
            ? LineWriter(descriptor: STDOUT_FILENO) { count in (try? encodeJSON(Lost(lines: count))) ?? Data() } : nil
    }

    func ready(address: String, port: Int, handover: Bool) {
        write(Ready(address: address, port: port, handover: handover))
    }

    /// Before anything is sent on the connection.
    func accepted(_ connection: AcceptedConnection) { write(Accepted(connection)) }

    func closed(_ connection: ClosedConnection) { write(Closed(connection)) }

    /// To be called at the end.
    func flush() { lines?.flush() }

    private func write(_ value: some Encodable) {
        guard let lines else { return }
        do throws(OutputError) { lines.write(try encodeJSON(value)) } catch { logger.error("\(error)") }
    }

    /// Lines that a reader missed because it didn't read.
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
