// SPDX-License-Identifier: Apache-2.0

package import PathEmulator
package import Scenarios

/// One measurement of one treatment, with everything needed to repeat it: a line of results.jsonl. Schema 1.
package struct Sample: Codable, Equatable, Sendable {
    /// Version of this record's layout.
    package var schema = 1
    /// `sample`.
    package var type = "sample"
    package var scenario: String
    package var treatment: Treatment
    /// The server's: `cubic`, `reno`, `bbr`.
    package var congestionControl: String
    package var client: Scenario.Client
    package var load: Load
    /// 1…: the treatments of a round took turns, with the same seed.
    package var round: Int
    /// 1…: the number of this attempt; those before were spoiled.
    package var attempt: Int
    /// Random seed of the path's loss and jitter.
    package var seed: UInt64
    /// Why it doesn't count; nil if it counts.
    package var spoiled: String?
    /// When it began, in seconds since 1970.
    package var startedAt: Double

    /// From connect() to the first byte of the response body (ms); nil if there is none.
    package var firstByteMilliseconds: Double?
    /// From connect() to the last byte (ms): of the response, of the page's last object, or of the response to an
    /// upload. For `warm` from the request. Treatments are compared by this figure.
    package var lastByteMilliseconds: Double
    /// The page's load event by the browser's own timing, from its navigation start (ms).
    package var pageLoadMilliseconds: Double?
    /// From the moment the path broke to the last byte of the same content over TCP (ms), and its three parts: until
    /// the client gives up on QUIC, until its TCP connection is established and TLS is done, and the rest.
    package var breakToLastByteMilliseconds: Double?
    package var detectionMilliseconds: Double?
    package var connectionMilliseconds: Double?
    package var transferMilliseconds: Double?
    /// From connect() to the last byte of each connection that followed, in order (ms).
    package var followingMilliseconds: [Double] = []

    /// What the connection started from, read before its first data segment; nil: not read.
    package var start: Start?
    /// The record; nil: there was none.
    package var saved: Saved?
    /// Segments that the server retransmitted in this measurement.
    package var retransmits: Int64
    /// The path's counters during the measurement; `forward` is from the server to the client.
    package var path: PathReport
    /// Bytes that the competing flow received in a time window after connect(), the same for all treatments; nil: there
    /// was no such flow, or this connection took longer than the window.
    package var competingBytes: Int64?
    /// Baton's decisions, by outcome: `resumed`, `no_record` …
    package var outcomes: [String: Int64] = [:]
    /// File with the connection's state over time, relative to the results; nil: none was kept.
    package var series: String?

    /// What a connection starts from.
    package struct Start: Codable, Equatable, Sendable {
        package var cwndSegments: Int64
        /// nil: infinite.
        package var ssthreshSegments: Int64?
        package var mssBytes: Int64

        package init(cwndSegments: Int64, ssthreshSegments: Int64?, mssBytes: Int64) {
            self.cwndSegments = cwndSegments
            self.ssthreshSegments = ssthreshSegments
            self.mssBytes = mssBytes
        }

        enum CodingKeys: String, CodingKey {
            case cwndSegments = "cwnd_segments"
            case ssthreshSegments = "ssthresh_segments"
            case mssBytes = "mss_bytes"
        }
    }

    /// The saved parameters that were handed over, or would have been.
    package struct Saved: Codable, Equatable, Sendable {
        package var cwndBytes: Int64
        /// nil: QUIC never lost a packet.
        package var ssthreshBytes: Int64?
        package var srttMicroseconds: Int64
        /// The RTT of a TCP handshake is compared with this.
        package var minRTTMicroseconds: Int64

        package init(cwndBytes: Int64, ssthreshBytes: Int64?, srttMicroseconds: Int64, minRTTMicroseconds: Int64) {
            self.cwndBytes = cwndBytes
            self.ssthreshBytes = ssthreshBytes
            self.srttMicroseconds = srttMicroseconds
            self.minRTTMicroseconds = minRTTMicroseconds
        }

        enum CodingKeys: String, CodingKey {
            case cwndBytes = "cwnd_bytes"
            case ssthreshBytes = "ssthresh_bytes"
            case srttMicroseconds = "srtt_us"
            case minRTTMicroseconds = "min_rtt_us"
        }
    }

    package init(
        scenario: String, treatment: Treatment, congestionControl: String, client: Scenario.Client, load: Load,
        round: Int, attempt: Int, seed: UInt64, startedAt: Double, lastByteMilliseconds: Double, retransmits: Int64,
        path: PathReport
    ) {
        self.scenario = scenario
        self.treatment = treatment
        self.congestionControl = congestionControl
        self.client = client
        self.load = load
        self.round = round
        self.attempt = attempt
        self.seed = seed
        self.startedAt = startedAt
        self.lastByteMilliseconds = lastByteMilliseconds
        self.retransmits = retransmits
        self.path = path
    }

    enum CodingKeys: String, CodingKey {
        case schema
        case type
        case scenario
        case treatment
        case congestionControl = "congestion_control"
        case client
        case load
        case round
        case attempt
        case seed
        case spoiled
        case startedAt = "started_at_s"
        case firstByteMilliseconds = "first_byte_ms"
        case lastByteMilliseconds = "last_byte_ms"
        case pageLoadMilliseconds = "page_load_ms"
        case breakToLastByteMilliseconds = "break_to_last_byte_ms"
        case detectionMilliseconds = "detection_ms"
        case connectionMilliseconds = "connection_ms"
        case transferMilliseconds = "transfer_ms"
        case followingMilliseconds = "following_ms"
        case start
        case saved
        case retransmits
        case path
        case competingBytes = "competing_bytes"
        case outcomes
        case series
    }
}
