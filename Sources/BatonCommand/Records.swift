// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonShared

struct Put: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Save values for an address, in the place of those it has.",
        discussion: """
            What is not given is unknown and not checked: without --rtt the handshake's RTT is not compared, without \
            --ssthresh the connection counts as one that never lost a packet. Without --fallen the QUIC connection counts \
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
    var fallen = false

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
        let handOver = try HandOver(pinDirectory: common.pinDirectory)
        let now = KernelClock.nowNanoseconds
        let parameters = SavedParameters(
            cwndBytes: cwnd, ssthreshBytes: ssthresh ?? SavedParameters.neverLost, savedAtNanoseconds: now,
            lastHeardAtNanoseconds: now, lifetimeNanoseconds: lifetime?.nanoseconds ?? 0, generation: now,
            srttMicroseconds: microseconds(rtt ?? minRtt), minRTTMicroseconds: microseconds(minRtt ?? rtt),
            flags: fallen ? SavedParameters.fallenFlag : 0)
        try handOver.save(parameters, for: address)
        if common.json {
            printJSON(RecordJSON(address, parameters))
        } else {
            print("saved for \(address)")
        }
    }
}

struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what is saved for an address.")

    @Argument(help: "IPv4 or IPv6 address of the peer.", transform: Read.address)
    var address: RemoteEndpoint

    @OptionGroup var common: CommonOptions

    func run() throws {
        let handOver = try HandOver(pinDirectory: common.pinDirectory)
        guard let parameters = try handOver.saved.value(for: address) else {
            throw NotSaved(address: address.description)
        }
        if common.json {
            printJSON(RecordJSON(address, parameters))
        } else {
            printRecords([(address, parameters)])
        }
    }
}

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all that is saved, most recent first.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let records = try HandOver(pinDirectory: common.pinDirectory).list()
        if common.json {
            printJSON(records.map { RecordJSON($0.endpoint, $0.parameters) })
        } else if records.isEmpty {
            printError("nothing is saved")
        } else {
            printRecords(records)
        }
    }
}

struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete what is saved for an address, or all.")

    @Argument(help: "IPv4 or IPv6 address of the peer.", transform: Read.address)
    var address: RemoteEndpoint?

    @Flag(help: "Delete everything that is saved.")
    var all = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if (address == nil) == !all { throw ValidationError("give an address or --all, one of the two") }
    }

    func run() throws {
        let handOver = try HandOver(pinDirectory: common.pinDirectory)
        var count = 0
        if let address {
            guard try handOver.forget(address) else { throw NotSaved(address: address.description) }
            count = 1
        } else {
            for endpoint in try handOver.saved.keys() where try handOver.forget(endpoint) { count += 1 }
        }
        if common.json {
            printJSON(Result(schema: schemaVersion, forgotten: count))
        } else {
            print("forgot \(count)")
        }
    }

    private struct Result: Encodable {
        var schema: Int
        var forgotten: Int
    }
}

/// A record as JSON. Times are nanoseconds of CLOCK_MONOTONIC.
struct RecordJSON: Encodable {
    var schema = schemaVersion
    var address: String
    var cwndBytes: UInt64
    /// `null`: never lost a packet.
    var ssthreshBytes: Nullable<UInt64>
    /// `null`: unknown.
    var srttUs: Nullable<UInt32>
    var minRttUs: Nullable<UInt32>
    var savedAtNs: UInt64
    var lastHeardAtNs: UInt64
    var ageNs: UInt64
    /// `null`: as configured.
    var lifetimeNs: Nullable<UInt64>
    var generation: UInt64
    var fallen: Bool
    /// Which kind of connection found the values: `quic` or `tcp`.
    var source: String

    init(_ endpoint: RemoteEndpoint, _ parameters: SavedParameters) {
        address = endpoint.description
        cwndBytes = parameters.cwndBytes
        ssthreshBytes = Nullable(parameters.ssthresh)
        srttUs = Nullable(parameters.srttMicroseconds == 0 ? nil : parameters.srttMicroseconds)
        minRttUs = Nullable(parameters.minRTTMicroseconds == 0 ? nil : parameters.minRTTMicroseconds)
        savedAtNs = parameters.savedAtNanoseconds
        lastHeardAtNs = parameters.lastHeardAtNanoseconds
        ageNs = elapsed(since: parameters.savedAtNanoseconds)
        lifetimeNs = Nullable(parameters.lifetimeNanoseconds == 0 ? nil : parameters.lifetimeNanoseconds)
        generation = parameters.generation
        fallen = parameters.hasFallen
        source = parameters.source.lowercased()
    }
}

extension SavedParameters {
    /// `nil` if the connection never lost a packet.
    fileprivate var ssthresh: UInt64? { ssthreshBytes == SavedParameters.neverLost ? nil : ssthreshBytes }

    /// Which kind of connection found the values.
    fileprivate var source: String { isFromTCP ? "TCP" : "QUIC" }
}

private func elapsed(since time: UInt64) -> UInt64 {
    let now = KernelClock.nowNanoseconds
    return now > time ? now - time : 0
}

private func printRecords(_ records: [(endpoint: RemoteEndpoint, parameters: SavedParameters)]) {
    var rows = [["ADDRESS", "CWND", "SSTHRESH", "RTT", "MINRTT", "SAVED", "HEARD", "STATE", "SOURCE"]]
    for (endpoint, parameters) in records {
        func rtt(_ microseconds: UInt32) -> String {
            microseconds == 0 ? "-" : Duration.microseconds(microseconds).text
        }
        func ago(_ time: UInt64) -> String { Duration(nanoseconds: elapsed(since: time)).text + " ago" }
        rows.append([
            endpoint.description, ByteCount.text(parameters.cwndBytes),
            parameters.ssthresh.map { ByteCount.text($0) } ?? "inf", rtt(parameters.srttMicroseconds),
            rtt(parameters.minRTTMicroseconds), ago(parameters.savedAtNanoseconds),
            ago(parameters.lastHeardAtNanoseconds), parameters.hasFallen ? "fallen" : "alive",
            parameters.source,
        ])
    }
    printTable(rows)
}
