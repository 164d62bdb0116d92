// SPDX-License-Identifier: Apache-2.0

/// What `baton get --json` prints: the saved parameters of one remote endpoint.
struct SavedSample: Codable {
    var cwndBytes: Int64
    /// nil: the QUIC connection never lost a packet.
    var ssthreshBytes: Int64?
    /// Smoothed round-trip time.
    var srttMicroseconds: Int64?
    /// Smallest round-trip time.
    var minRTTMicroseconds: Int64?
    /// Whether the QUIC connection has failed.
    var failed: Bool?

    enum CodingKeys: String, CodingKey {
        case cwndBytes = "cwnd_bytes"
        case ssthreshBytes = "ssthresh_bytes"
        case srttMicroseconds = "srtt_us"
        case minRTTMicroseconds = "min_rtt_us"
        case failed
    }
}

/// A line of `baton serve --json`, or of `baton-lab plain-server`.
package struct ServerEvent: Decodable {
    /// `ready`, `accepted` or `closed`.
    package var event: String
    /// ready: whether the kernel programs are attached.
    package var handover: Bool?
    /// accepted: the client's address.
    package var remoteAddress: String?
    package var remotePort: Int?
    /// accepted: TCP_INFO before the first data.
    package var cwndSegments: Int64?
    /// accepted: nil is infinite, TCP's own initial value.
    package var ssthreshSegments: Int64?
    package var mssBytes: Int64?
    package var congestionControl: String?
    package var rttMicroseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case event
        case handover
        case remoteAddress = "remote_address"
        case remotePort = "remote_port"
        case cwndSegments = "cwnd_segments"
        case ssthreshSegments = "ssthresh_segments"
        case mssBytes = "mss_bytes"
        case congestionControl = "congestion_control"
        case rttMicroseconds = "rtt_us"
    }
}

/// A line of `baton watch --json`.
struct WatchEvent: Decodable {
    /// nil: the line is of another kind.
    var decision: DecisionLine?
    /// nil: the line is of another kind.
    var phase: PhaseLine?

    private enum CodingKeys: String, CodingKey {
        case event
    }

    init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .event)
        decision = kind == "decision" ? try DecisionLine(from: decoder) : nil
        phase = kind == "phase" ? try PhaseLine(from: decoder) : nil
    }
}

/// A connection's phase change under the policy `careful`.
struct PhaseLine: Codable {
    var remotePort: Int
    /// `reconnaissance`, `unvalidated`, `validating`, `safe_retreat` or `normal`.
    var phase: String
    var trigger: String
    /// The window from then on.
    var cwndSegments: Int64
    /// The slow start threshold from then on; nil is infinite.
    var ssthreshSegments: Int64?

    enum CodingKeys: String, CodingKey {
        case remotePort = "remote_port"
        case phase = "new_phase"
        case trigger
        case cwndSegments = "cwnd_segments"
        case ssthreshSegments = "ssthresh_segments"
    }
}

/// What the kernel program decided for one connection.
struct DecisionLine: Codable {
    /// `resumed`, or why not.
    var outcome: String
    var remoteAddress: String?
    var remotePort: Int?
    var cwndSegments: Int64?
    /// nil is infinite.
    var ssthreshSegments: Int64?
    var mssBytes: Int64?
    var savedCwndBytes: Int64?
    var savedSsthreshBytes: Int64?
    var congestionControl: String?
    var handshakeRTTMicroseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case outcome
        case remoteAddress = "remote_address"
        case remotePort = "remote_port"
        case cwndSegments = "cwnd_segments"
        case ssthreshSegments = "ssthresh_segments"
        case mssBytes = "mss_bytes"
        case savedCwndBytes = "saved_cwnd_bytes"
        case savedSsthreshBytes = "saved_ssthresh_bytes"
        case congestionControl = "congestion_control"
        case handshakeRTTMicroseconds = "handshake_rtt_us"
    }

    func encode(to encoder: any Encoder) throws {
        // an absent value is written as null: infinite and unknown are values too
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(remoteAddress, forKey: .remoteAddress)
        try container.encode(remotePort, forKey: .remotePort)
        try container.encode(cwndSegments, forKey: .cwndSegments)
        try container.encode(ssthreshSegments, forKey: .ssthreshSegments)
        try container.encode(mssBytes, forKey: .mssBytes)
        try container.encode(savedCwndBytes, forKey: .savedCwndBytes)
        try container.encode(savedSsthreshBytes, forKey: .savedSsthreshBytes)
        try container.encode(congestionControl, forKey: .congestionControl)
        try container.encode(handshakeRTTMicroseconds, forKey: .handshakeRTTMicroseconds)
    }
}
