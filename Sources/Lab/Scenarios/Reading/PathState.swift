// SPDX-License-Identifier: Apache-2.0

import PathEmulator

/// Both directions of the path from a moment on.
struct PathState {
    let down: LinkConfiguration
    let up: LinkConfiguration

    /// The sum of the delays.
    var roundTrip: TimeSpan { TimeSpan(nanoseconds: down.delayNanoseconds + up.delayNanoseconds) }

    init(down: LinkConfiguration, up: LinkConfiguration) {
        (self.down, self.up) = (down, up)
    }

    /// The path's first state.
    ///
    /// What `up` leaves out is as in `down`. By default a direction's delay is half of the round trip, or the round
    /// trip less the other direction's delay; its queue is one bandwidth-delay product of its own rate.
    init?(_ section: Section<ScenarioKeys.Path>) {
        let roundTrip = section.required(.rtt, .roundTrip)
        let down = section.requiredEntry(.down, expected: "the direction to the client, with its rate")?
            .section(ScenarioKeys.Link.self).map { WrittenLink($0) }
        let up = section[.up]?.section(ScenarioKeys.Link.self).map { WrittenLink($0) }
        if let down, down.section[.rate] == nil {
            down.section.report(.rate, "is missing", expected: Format<BitRate>.rate.expected)
        }
        guard let roundTrip, let down, let rate = down.rate, section.isSound(.rtt, .down, .up) else { return nil }
        let delays = Self.delays(roundTrip, down: down.delay, up: up?.delay)
        guard let delays else {
            Self.reportDelays(roundTrip, section, .rtt, down: down.delay, up: up?.delay)
            return nil
        }
        let upRate = up?.rate ?? rate
        let downQueue = down.queue ?? .bandwidthDelayProducts(thousandths: 1000)
        let downLink = down.configuration(
            rate: rate.bitsPerSecond, queueBytes: downQueue.bytes(rate: rate, roundTrip: roundTrip),
            delay: delays.down, jitter: 0, loss: .none, roundTrip: roundTrip)
        guard let downLink else { return nil }
        let upLink = (up ?? down).configuration(
            rate: upRate.bitsPerSecond, queueBytes: downQueue.bytes(rate: upRate, roundTrip: roundTrip),
            delay: delays.up, jitter: downLink.jitterNanoseconds, loss: downLink.loss, roundTrip: roundTrip)
        guard let upLink else { return nil }
        self.init(down: downLink, up: upLink)
    }

    /// This state after a change.
    ///
    /// What the change leaves out stays the same, including a queue's bytes: a new rate or round trip alone changes no
    /// queue. A new queue in bandwidth-delay products is computed from the new rate and round trip. A new `rtt` is
    /// divided into delays like the path's first `rtt`.
    func changed(by section: Section<ScenarioKeys.Change>) -> PathState? {
        let newRoundTrip = section.value(.rtt, .roundTrip)
        let down = section[.down]?.section(ScenarioKeys.Link.self).map { WrittenLink($0) }
        let up = section[.up]?.section(ScenarioKeys.Link.self).map { WrittenLink($0) }
        guard section.isSound(.rtt, .down, .up) else { return nil }
        var delays: (down: Int64, up: Int64)? = (
            down?.delay?.nanoseconds ?? self.down.delayNanoseconds, up?.delay?.nanoseconds ?? self.up.delayNanoseconds
        )
        if let newRoundTrip {
            delays = Self.delays(newRoundTrip, down: down?.delay, up: up?.delay)
            if delays == nil { Self.reportDelays(newRoundTrip, section, .rtt, down: down?.delay, up: up?.delay) }
        }
        guard let delays else { return nil }
        let roundTrip = TimeSpan(nanoseconds: delays.down + delays.up)
        let newDown = Self.changed(self.down, by: down, delay: delays.down, roundTrip)
        let newUp = Self.changed(self.up, by: up, delay: delays.up, roundTrip)
        guard let newDown, let newUp else { return nil }
        return PathState(down: newDown, up: newUp)
    }

    private static func changed(
        _ old: LinkConfiguration, by written: WrittenLink?, delay: Int64, _ roundTrip: TimeSpan
    ) -> LinkConfiguration? {
        guard let written else {
            var link = old
            link.delayNanoseconds = delay
            return link
        }
        return written.configuration(
            rate: old.bitsPerSecond, queueBytes: old.queueBytes, delay: delay, jitter: old.jitterNanoseconds,
            loss: old.loss, roundTrip: roundTrip)
    }

    /// Nil if the written delays don't add up to this round trip.
    private static func delays(_ roundTrip: TimeSpan, down: TimeSpan?, up: TimeSpan?) -> (down: Int64, up: Int64)? {
        let whole = roundTrip.nanoseconds
        let forward = down?.nanoseconds ?? up.map { whole - $0.nanoseconds } ?? whole / 2
        let backward = up?.nanoseconds ?? (whole - forward)
        return forward >= 0 && backward >= 0 && forward + backward == whole ? (forward, backward) : nil
    }

    private static func reportDelays<Keys>(
        _ roundTrip: TimeSpan, _ section: Section<Keys>, _ key: Keys, down: TimeSpan?, up: TimeSpan?
    ) {
        let written = [down.map { "\($0) down" }, up.map { "\($0) up" }].compactMap(\.self).joined(separator: " and ")
        section.report(
            key, "'\(roundTrip)' is not the sum of the delays, \(written)",
            expected: "their sum, or one delay that is shorter")
    }
}
