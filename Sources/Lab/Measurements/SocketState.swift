// SPDX-License-Identifier: Apache-2.0

/// A TCP connection's state at one moment, as the kernel reports it (TCP_INFO): a line of a series file. Schema 1.
package struct SocketState: Codable, Equatable, Sendable {
    /// Since the measurement began (ms).
    package var milliseconds: Double
    /// The client's port, which distinguishes connections.
    package var remotePort: Int
    package var cwndSegments: Int64
    /// nil: infinite.
    package var ssthreshSegments: Int64?
    /// tcpi_pacing_rate, which TCP computes whether or not it paces by it; nil: unlimited.
    package var pacingBytesPerSecond: Int64?
    /// tcpi_rtt: smoothed.
    package var rttMicroseconds: Int64
    /// tcpi_delivery_rate.
    package var deliveryBytesPerSecond: Int64
    /// tcpi_unacked.
    package var segmentsInFlight: Int64
    /// tcpi_total_retrans.
    package var retransmits: Int64
    /// tcpi_bytes_acked.
    package var bytesAcknowledged: Int64
    /// The client's address: two clients may have the same port; nil: there is one client.
    package var remoteAddress: String?
    /// The congestion control at this moment; nil: it was not read.
    package var congestionControl: String?

    package init(
        milliseconds: Double, remotePort: Int, cwndSegments: Int64, ssthreshSegments: Int64?,
        pacingBytesPerSecond: Int64?, rttMicroseconds: Int64, deliveryBytesPerSecond: Int64, segmentsInFlight: Int64,
        retransmits: Int64, bytesAcknowledged: Int64, remoteAddress: String? = nil, congestionControl: String? = nil
    ) {
        self.milliseconds = milliseconds
        self.remotePort = remotePort
        self.cwndSegments = cwndSegments
        self.ssthreshSegments = ssthreshSegments
        self.pacingBytesPerSecond = pacingBytesPerSecond
        self.rttMicroseconds = rttMicroseconds
        self.deliveryBytesPerSecond = deliveryBytesPerSecond
        self.segmentsInFlight = segmentsInFlight
        self.retransmits = retransmits
        self.bytesAcknowledged = bytesAcknowledged
        self.remoteAddress = remoteAddress
        self.congestionControl = congestionControl
    }

    enum CodingKeys: String, CodingKey {
        case milliseconds = "ms"
        case remotePort = "remote_port"
        case cwndSegments = "cwnd_segments"
        case ssthreshSegments = "ssthresh_segments"
        case pacingBytesPerSecond = "pacing_bytes_per_second"
        case rttMicroseconds = "rtt_us"
        case deliveryBytesPerSecond = "delivery_bytes_per_second"
        case segmentsInFlight = "segments_in_flight"
        case retransmits
        case bytesAcknowledged = "bytes_acknowledged"
        case remoteAddress = "remote_address"
        case congestionControl = "congestion_control"
    }
}
