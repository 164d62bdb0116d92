// SPDX-License-Identifier: Apache-2.0

/// What a sender looks like over time, and what is on the wire.
extension TCPProbe {
    /// What TCP_INFO says of a sender at one moment, under the names of linux/tcp.h. Windows are in segments.
    package struct Sample: Decodable, Sendable {
        /// CLOCK_MONOTONIC, nanoseconds.
        package var time: UInt64
        /// `TCP_CA_…`: 0 is open, 3 recovery, 4 loss.
        package var state: UInt8
        package var flight: UInt64
        package var lost: UInt64
        /// Microseconds, smoothed.
        package var rtt: UInt64
        package var ssthresh: UInt64
        package var cwnd: UInt64
        package var retransmits: UInt64
        /// Bytes per second.
        package var pacingRate: UInt64
        /// Bytes.
        package var acknowledged: UInt64
        /// Microseconds.
        package var minRTT: UInt64
        package var delivered: UInt64
        package var deliveredCE: UInt64
        package var control: String
    }

    /// A stream of bytes from the server's end to the client's.
    package struct Stream: Decodable, Sendable {
        /// Bytes that arrived.
        package var received: Int
        /// One whenever something had changed; the sender was looked at about 1000 times a second.
        package var samples: [Sample]
        /// When it began: CLOCK_MONOTONIC, nanoseconds.
        package var start: UInt64
        /// The longest time from one look at the sender to the next, nanoseconds: how long the probe was kept from its core.
        package var stall: UInt64
        /// The control's own values (TCP_CC_INFO); none for cubic and reno.
        package var controlInfo: [UInt8]
    }

    /// Bytes that an application hands over at a moment of a stream.
    package struct Step: Sendable {
        /// Seconds after the stream's beginning.
        package var after: Double
        package var bytes: Int

        package init(after: Double = 0, bytes: Int) {
            self.after = after
            self.bytes = bytes
        }
    }

    /// A TCP packet where it passes the server's device.
    package struct Packet: Decodable, Sendable {
        /// CLOCK_MONOTONIC, nanoseconds.
        package var time: UInt64
        /// Whether it leaves; else it arrives.
        package var isSent: Bool
        package var sequence: UInt32
        package var acknowledged: UInt32
        /// The two bits of RFC 3168: 3 is Congestion Experienced.
        package var ecn: UInt8
        /// TCP's flags: 2 is SYN, 64 is ECE.
        package var flags: UInt16
        /// Of payload.
        package var bytes: Int

        package var isSYN: Bool { flags & 2 != 0 }
    }

    /// Begins to send from a connection's server end; `endStream` waits until all has arrived.
    package func beginStream(
        _ steps: [Step], of connection: String = "connection", from end: String = "server", to other: String = "client"
    ) throws {
        try post([
            "do": "stream", "from": "\(connection).\(end)", "to": "\(connection).\(other)",
            "steps": steps.map { ["after": $0.after, "bytes": $0.bytes] as [String: Any] },
        ])
    }

    package func endStream() throws -> Stream { try answer() }

    /// Sees the packets of the server's device from now on.
    package func capture() throws {
        struct Answer: Decodable {}
        try post([
            "do": "capture", "device": "v0", "namespace": bed.serverNamespace, "cgroup": bed.otherCgroup,
        ])
        let _: Answer = try answer()
    }

    /// The packets of a connection since `capture` or the last call; those of other connections are dropped.
    package func captured(_ connection: String = "connection") throws -> [Packet] {
        struct Answer: Decodable { var packets: [Packet] }
        try post(["do": "captured", "of": connection + ".server"])
        let captured: Answer = try answer()
        return captured.packets
    }
}
