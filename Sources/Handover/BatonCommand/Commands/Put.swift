// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared

struct Put: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Save a record for an address, replacing the one it has.",
        discussion: """
            What isn't given is unknown, and then it isn't checked: without --rtt and --min-rtt any handshake RTT is \
            accepted. Without --failed the QUIC connection counts as alive and heard just now: under the gate 'quiet' \
            TCP may use the record only after max(3 × RTT, 250 ms).
            """)

    @Argument(help: "IPv4 or IPv6 address of the peer, usually a client.", transform: Read.address)
    var address: RemoteEndpoint

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Congestion window, 1B to 1TiB; a bare number is in bytes.", valueName: "size"),
        transform: Read.bytes)
    var cwnd: UInt64

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Slow start threshold, 1B to 1TiB; a bare number is in bytes. Default: none, as of a connection that never "
                + "lost a packet.",
            valueName: "size"),
        transform: Read.bytes)
    var ssthresh: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Smoothed RTT, 1us to 60s; a bare number is in milliseconds. Default: --min-rtt.", valueName: "time"),
        transform: Read.rtt)
    var rtt: Duration?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Minimum RTT, which the handshake's RTT is compared with, 1us to 60s, at most --rtt; a bare number is in "
                + "milliseconds. Default: --rtt.",
            valueName: "time"),
        transform: Read.rtt)
    var minRtt: Duration?

    @Flag(help: "The QUIC connection was given up: TCP may use the record at once.")
    var failed = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long this record may be used, 1s to 1d; a bare number is in seconds. Default: the --lifetime of "
                + "'attach'.",
            valueName: "time"),
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
