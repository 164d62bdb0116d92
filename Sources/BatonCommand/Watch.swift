// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonShared
import Foundation

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a line for each TCP connection that is decided on: resumed, or why not.",
        discussion: "Until it is interrupted, or the hand-over is detached. One 'watch' at a time.")

    @Flag(help: "Leave out connections for whose peer nothing is saved.")
    var recordsOnly = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let handOver = try HandOver(pinDirectory: common.pinDirectory)
        var reader = try handOver.watch()
        if !common.json { printError("watching \(common.pinDirectory); ^C ends") }
        repeat {
            for event in try reader.read(timeoutMilliseconds: 500) {
                if recordsOnly, event.outcome == Outcome.noRecord.rawValue { continue }
                if common.json { printJSON(EventJSON(event)) } else { print(line(event)) }
            }
            fflush(nil)
        } while handOver.isCurrent  // what is attached anew after a detach has another buffer
        if !common.json { printError("detached") }
    }

    /// In the words of `ss -ti`.
    private func line(_ event: ResumeEvent) -> String {
        let outcome = Outcome(rawValue: event.outcome)
        var words = [
            clock(event.timeNanoseconds),
            (outcome?.words ?? "outcome \(event.outcome)").padding(toLength: 12, withPad: " ", startingAt: 0),
            event.peer, event.isPassive ? "passive" : "active",
        ]
        let age = Duration(nanoseconds: event.ageNanoseconds).text
        let silence = Duration(nanoseconds: event.silenceNanoseconds).text
        switch outcome {
        case .resumed?:
            words += [
                event.congestionControl.text, "cwnd:\(event.initialCwndSegments)→\(event.cwndSegments)",
                "ssthresh:\(segments(event.initialSSThreshSegments))→\(segments(event.ssthreshSegments))",
                "mss:\(event.mssBytes)", "rtt:\(rtt(event.handshakeRTTMicroseconds))",
            ]
            if event.pacingRate > 0 { words.append("pacing_rate \(ByteCount.text(UInt64(event.pacingRate)))/s") }
            words.append("(\(saved(event))\(event.source == ResumeEvent.seedSource ? ", seed maps" : ", \(age) old"))")
        case .expired?: words.append("(\(saved(event)), \(age) old)")
        case .gated?: words.append("(QUIC heard \(silence) ago)")
        case .rttMismatch?:
            words.append("rtt:\(rtt(event.handshakeRTTMicroseconds)) (saved rtt \(rtt(event.savedRTTMicroseconds)))")
        case .inUse?: words.append("(another connection uses this record)")
        case .excluded?: words.append("(a rule leaves its network alone)")
        case .tooSmall?: words.append("(saved cwnd \(ByteCount.text(event.savedCwndBytes)) is no jump)")
        case .refused?: words.append("(\(String(cString: strerror(-event.error))))")
        case .noRecord?, nil: break
        }
        return words.joined(separator: " ")
    }

    private func saved(_ event: ResumeEvent) -> String {
        let ssthresh =
            event.savedSSThreshBytes == SavedParameters.neverLost ? "inf" : ByteCount.text(event.savedSSThreshBytes)
        return "saved cwnd \(ByteCount.text(event.savedCwndBytes)) ssthresh \(ssthresh)"
    }

    private func segments(_ count: UInt32) -> String { count == ResumeEvent.infiniteSSThresh ? "inf" : "\(count)" }
    private func rtt(_ us: UInt32) -> String { us == 0 ? "unknown" : Duration.microseconds(us).text }

    /// The time of day of a CLOCK_MONOTONIC time.
    private func clock(_ time: UInt64) -> String {
        let ago = Double(KernelClock.nowNanoseconds &- time) / 1e9
        var seconds = time_t(Date().timeIntervalSince1970 - ago)
        let fraction = (Date().timeIntervalSince1970 - ago).truncatingRemainder(dividingBy: 1)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return String(
            format: "%02d:%02d:%02d.%03d", parts.tm_hour, parts.tm_min, parts.tm_sec, Int(fraction * 1000))
    }
}

extension ResumeEvent {
    fileprivate var isPassive: Bool { operation == 5 }
    fileprivate var peer: String {
        endpoint.isIPv4 ? "\(endpoint):\(remotePort)" : "[\(endpoint)]:\(remotePort)"
    }
}

/// A decision as JSON. What was not looked at is 0 or `null`.
private struct EventJSON: Encodable {
    var schema = schemaVersion
    var timeNs: UInt64
    var outcome: String
    var remoteAddress: String
    var remotePort: UInt32
    var localPort: UInt32
    var passive: Bool
    var source: Nullable<String>
    var savedCwndBytes: UInt64
    var savedSsthreshBytes: Nullable<UInt64>
    var savedRttUs: Nullable<UInt32>
    var handshakeRttUs: Nullable<UInt32>
    var ageNs: UInt64
    var silenceNs: UInt64
    var generation: UInt64
    var socketCookie: UInt64
    var mssBytes: UInt32
    var initialCwndSegments: UInt32
    var initialSsthreshSegments: Nullable<UInt32>
    var cwndSegments: UInt32
    var ssthreshSegments: Nullable<UInt32>
    var pacingRateBytesPerS: Nullable<UInt32>
    var congestionControl: String
    var errno: Int32

    init(_ event: ResumeEvent) {
        func finite(_ segments: UInt32) -> Nullable<UInt32> {
            Nullable(segments == ResumeEvent.infiniteSSThresh ? nil : segments)
        }
        func known(_ value: UInt32) -> Nullable<UInt32> { Nullable(value == 0 ? nil : value) }
        timeNs = event.timeNanoseconds
        outcome = Outcome(rawValue: event.outcome)?.name ?? "unknown"
        remoteAddress = event.endpoint.description
        remotePort = event.remotePort
        localPort = event.localPort
        passive = event.isPassive
        source = Nullable(
            event.source == ResumeEvent.recordSource
                ? "record" : event.source == ResumeEvent.seedSource ? "seed_maps" : nil)
        savedCwndBytes = event.savedCwndBytes
        savedSsthreshBytes = Nullable(
            event.savedSSThreshBytes == SavedParameters.neverLost || event.source == 0 ? nil : event.savedSSThreshBytes)
        savedRttUs = known(event.savedRTTMicroseconds)
        handshakeRttUs = known(event.handshakeRTTMicroseconds)
        ageNs = event.ageNanoseconds
        silenceNs = event.silenceNanoseconds
        generation = event.generation
        socketCookie = event.socketCookie
        mssBytes = event.mssBytes
        initialCwndSegments = event.initialCwndSegments
        initialSsthreshSegments = finite(event.initialSSThreshSegments)
        cwndSegments = event.cwndSegments
        ssthreshSegments = finite(event.ssthreshSegments)
        pacingRateBytesPerS = known(event.pacingRate)
        congestionControl = event.congestionControl.text
        errno = -event.error
    }
}
