// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared

struct Put: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Save values for an address, in the place of those it has.",
        discussion: """
            What is not given is unknown and not checked: without --rtt the handshake's RTT is not compared, without \
            --ssthresh the connection counts as one that never lost a packet. Without --failed the QUIC connection counts \
            as alive now, so that the gate 'quiet' opens after max(3 × RTT, 250 ms).
            """)

    @Argument(help: "IPv4 or IPv6 address of the peer.", transform: Read.address)
    var address: RemoteEndpoint

    @Option(parsing: .unconditional, help: "Congestion window, bytes.", transform: Read.bytes)
    var cwnd: UInt64

    @Option(parsing: .unconditional, help: "Slow start threshold, bytes.", transform: Read.bytes)
    var ssthresh: UInt64?

    @Option(
        parsing: .unconditional, help: "Smoothed round trip time; a bare number is in milliseconds.",
        transform: Read.rtt)
    var rtt: Duration?

    @Option(
        parsing: .unconditional, help: "Smallest round trip time, which the handshake's is compared with; else --rtt.",
        transform: Read.rtt)
    var minRtt: Duration?

    @Flag(help: "The QUIC connection was given up: TCP may take over at once.")
    var failed = false

    @Option(
        parsing: .unconditional, help: "How long these values may be used; a bare number is in seconds.",
        transform: Read.lifetime)
    var lifetime: Duration?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let rtt, let minRtt, minRtt > rtt {
            throw ValidationError("--min-rtt \(minRtt.text) is longer than --rtt \(rtt.text)")
        }
    }

    private func microseconds(_ duration: Duration?) -> UInt32 {
        duration.map { UInt32(clamping: max(1, $0.nanoseconds / 1000)) } ?? 0
    }

    func run() throws {
        let handover = try Handover(pinDirectory: common.pinDirectory)
        let now = KernelClock.nowNanoseconds
        let parameters = SavedParameters(
            cwndBytes: cwnd, ssthreshBytes: ssthresh ?? SavedParameters.neverLost, savedAtNanoseconds: now,
            lastHeardAtNanoseconds: now, lifetimeNanoseconds: lifetime?.nanoseconds ?? 0, generation: now,
            srttMicroseconds: microseconds(rtt ?? minRtt), minRTTMicroseconds: microseconds(minRtt ?? rtt),
            flags: failed ? SavedParameters.failedFlag : 0)
        try handover.save(parameters, for: address)
        if common.json {
            try printJSON(RecordJSON(address, parameters))
        } else {
            print("saved for \(address)")
        }
    }
}
