// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import PathEmulator
import Scenarios

/// The emulated path, the same in both directions.
struct PathOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Round-trip time, half of it in each direction.", valueName: "time"))
    var rtt = TimeSpan(nanoseconds: 100_000_000)

    @Option(help: ArgumentHelp("Rate of the bottleneck in each direction.", valueName: "rate"))
    var rate = BitRate(bitsPerSecond: 50_000_000)

    @Option(help: ArgumentHelp("Drop-tail queue: a size, or bandwidth-delay products (1bdp).", valueName: "size"))
    var queue = QueueSize.bandwidthDelayProducts(thousandths: 1000)

    @Option(help: ArgumentHelp("Random loss in each direction: 0.01 or 1%.", valueName: "share"))
    var loss = Probability(value: 0)

    @Option(help: ArgumentHelp("Random seed of the loss.", valueName: "number"))
    var seed: UInt64 = 1

    /// One direction of the path.
    var link: LinkConfiguration {
        LinkConfiguration(
            bitsPerSecond: rate.bitsPerSecond, delayNanoseconds: rtt.nanoseconds / 2,
            queueBytes: queue.bytes(rate: rate, roundTrip: rtt), loss: LossModel(probability: loss.value))
    }

    /// A path that doesn't change.
    var plan: PathPlan { PathPlan(stages: [PathPlan.Stage(forward: link, backward: link)]) }

    func validate() throws {
        if let objection = link.objection { throw ValidationError(objection) }
        guard rate.bitsPerSecond > 0 else {
            throw ValidationError("--rate 0 has no bandwidth-delay product; give a rate")
        }
    }
}
