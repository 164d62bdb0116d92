// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonCommandLine
import BatonShared

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
    /// `null`: the lifetime of the handover.
    var lifetimeNs: Nullable<UInt64>
    var generation: UInt64
    var failed: Bool
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
        failed = parameters.hasFailed
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

func printRecords(_ records: [(endpoint: RemoteEndpoint, parameters: SavedParameters)]) {
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
            ago(parameters.lastHeardAtNanoseconds), parameters.hasFailed ? "failed" : "alive",
            parameters.source,
        ])
    }
    printTable(rows)
}
