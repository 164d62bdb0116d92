// SPDX-License-Identifier: Apache-2.0

import PathEmulator

/// What one run of one treatment brought.
struct Trial {
    let treatment: DemoTreatment
    /// From connect() to 100,000 bytes, 1,000,000 bytes and the last byte of the body.
    let milliseconds100KB: Double
    let milliseconds1MB: Double
    let millisecondsBody: Double
    /// Segments that the server sent again, from before the TCP connection until its last byte arrived.
    let retransmits: Int64
    /// How long the client took to give up on QUIC after its last byte.
    let giveUpMilliseconds: Double
    /// The head start that the client then gave HTTP/3 once more before it opened the TCP connection.
    let requestToConnectMilliseconds: Double
    /// HTTP version of the first response and of the last.
    let httpVersions: [String]
    /// What the server saw of the accepted connection before its first data.
    let accepted: ServerEvent
    /// What was saved of the QUIC connection; nil without handover.
    let sample: SavedSample?
    /// What the kernel program decided; nil without handover.
    let decision: HandoverEvent?
    /// The phases of Careful Resume that the TCP connection went through until then; none under another policy.
    let phases: [PhaseLine]
    /// The emulator while HTTP/3 was spoken, and while TCP was.
    let quicReport: PathReport
    let tcpReport: PathReport
}
