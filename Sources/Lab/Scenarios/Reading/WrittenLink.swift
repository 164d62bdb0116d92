// SPDX-License-Identifier: Apache-2.0

import PathEmulator

/// One direction of a path as written in the file: what is left out is nil.
struct WrittenLink {
    let section: Section<ScenarioKeys.Link>
    let rate: BitRate?
    let queue: QueueSize?
    let delay: TimeSpan?
    let jitter: TimeSpan?
    let loss: LossModel?

    init(_ section: Section<ScenarioKeys.Link>) {
        self.section = section
        rate = section.value(.rate, .rate)
        queue = section.value(.queue, .queue)
        delay = section.value(.delay, .delay)
        jitter = section.value(.jitter, .jitter)
        if let burst = section[.burst] {
            if section[.loss] != nil {
                section.report(.burst, "is given together with loss", expected: "only one of them")
            }
            loss = burst.section(ScenarioKeys.Burst.self).flatMap(Self.burst)
        } else {
            loss = section.value(.loss, .probability).map { LossModel(probability: $0.value) }
        }
    }

    private static func burst(_ section: Section<ScenarioKeys.Burst>) -> LossModel? {
        let (toBad, toGood) = (section.required(.toBad, .transition), section.required(.toGood, .transition))
        let lostInGood = section[.lostInGood].map { $0.value(.probability)?.value } ?? 0
        let lostInBad = section[.lostInBad].map { $0.value(.probability)?.value } ?? 1
        guard let toBad, let toGood, let lostInGood, let lostInBad else { return nil }
        return .burst(toBad: toBad.value, toGood: toGood.value, lossInGood: lostInGood, lossInBad: lostInBad)
    }

    /// The direction on a path of this round-trip time; nil, and reported, if its queue is out of range.
    ///
    /// - Parameters:
    ///   - rate: used if none is written.
    ///   - queueBytes: used if no queue is written. A written queue in bandwidth-delay products is computed from the
    ///     rate.
    func configuration(
        rate: Int64, queueBytes: Int64, delay: Int64, jitter: Int64, loss: LossModel, roundTrip: TimeSpan
    ) -> LinkConfiguration? {
        let rate = self.rate ?? BitRate(bitsPerSecond: rate)
        let bytes = queue?.bytes(rate: rate, roundTrip: roundTrip) ?? queueBytes
        guard (1500...(1 << 30)).contains(bytes) else {
            let written = queue.map { "'\($0)'" } ?? "the queue"
            section.report(
                .queue, "\(written) is \(bytes) bytes at \(rate) and \(roundTrip)",
                expected: "1500 bytes (one packet)…1GiB")
            return nil
        }
        return LinkConfiguration(
            bitsPerSecond: rate.bitsPerSecond, delayNanoseconds: delay, queueBytes: bytes, loss: self.loss ?? loss,
            jitterNanoseconds: self.jitter?.nanoseconds ?? jitter)
    }
}
