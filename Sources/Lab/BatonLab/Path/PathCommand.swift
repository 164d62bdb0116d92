// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import PathEmulator
import Scenarios

/// A device of the path: `NAMESPACE:DEVICE`.
struct PathEnd: ExpressibleByArgument {
    let namespace: NetworkNamespace
    let device: String

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains("/"), parts[0] != ".", parts[0] != "..",
            (1..<Int(IFNAMSIZ)).contains(parts[1].utf8.count), !parts[1].contains("/")
        else { return nil }
        namespace = NetworkNamespace(name: String(parts[0]))
        device = String(parts[1])
    }
}

/// The path emulator as a process of its own.
struct PathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Emulate a path between two network namespaces.",
        discussion: """
            Makes a TUN device in each of two namespaces of `ip netns` and carries packets between them until SIGTERM or \
            SIGINT. Prints a JSON line "ready" once the devices exist (they still need addresses, a txqueuelen of 10000, \
            and to be brought up), a line of counters for each SIGUSR1, and another at the end; each covers the time \
            since the line before. What was measured while a line says "spoiled": true is to be thrown away.

            Lines on standard input, each answered by a JSON line: `begin SEED` empties the path and begins it anew, \
            `start` lets timed stages of the plan count from now, `stage N` enters a stage at once (0 is the first), \
            `report` asks for the counters.
            """)

    @Option(help: ArgumentHelp("The first end.", valueName: "namespace:device"))
    var first: PathEnd

    @Option(help: ArgumentHelp("The second end.", valueName: "namespace:device"))
    var second: PathEnd

    @Option(
        help: ArgumentHelp(
            "All states of the path, instead of the options of rate, delay, queue and loss.", valueName: "json"),
        transform: PlanArgument.parse)
    var plan: PathPlan?

    @OptionGroup(title: "Path")
    var path: PathOptions

    @Option(help: ArgumentHelp("Delay of the way back, if not half the round trip.", valueName: "time"))
    var backDelay: TimeSpan?

    @Option(help: ArgumentHelp("Rate of the way back, if another.", valueName: "rate"))
    var backRate: BitRate?

    @Option(help: ArgumentHelp("Queue of the way back, if another.", valueName: "size"))
    var backQueue: QueueSize?

    @Option(help: ArgumentHelp("Random loss of the way back, if another.", valueName: "share"))
    var backLoss: Probability?

    /// The way from the second end to the first.
    private var backLink: LinkConfiguration {
        let rate = backRate ?? path.rate
        var link = path.link
        link.bitsPerSecond = rate.bitsPerSecond
        link.delayNanoseconds = backDelay?.nanoseconds ?? link.delayNanoseconds
        link.queueBytes = (backQueue ?? path.queue).bytes(rate: rate, roundTrip: path.rtt)
        link.loss = backLoss.map { LossModel(probability: $0.value) } ?? link.loss
        return link
    }

    /// What the options of a single state say, if they say anything.
    private func saysMoreThanPlan() throws -> Bool {
        try path.link != PathOptions.parse([]).link || backLink != path.link
    }

    func validate() throws {
        guard (first.namespace.name, first.device) != (second.namespace.name, second.device) else {
            throw ValidationError("--first and --second are both \(first.namespace.name):\(first.device)")
        }
        if let plan {
            if try saysMoreThanPlan() {
                throw ValidationError(
                    "--plan says all about the path; leave --rtt, --rate, --queue, --loss, --back-… out")
            }
            if let objection = plan.objection { throw ValidationError("--plan: \(objection)") }
        } else if let objection = backLink.objection {
            throw ValidationError("way back: \(objection)")
        }
    }

    private struct Ready: Encodable {
        var schema = 1
        var event = "ready"
        /// Whether the kernel granted real-time scheduling; without it expect to be late.
        var real_time: Bool
    }

    func run() throws {
        let signals = try SignalDescriptor([SIGUSR1, SIGTERM, SIGINT])
        // in a terminal's background reading fails instead of stopping the process, and a reader that has gone is no
        // reason to stop carrying packets
        signal(SIGTTIN, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let states = plan ?? PathPlan(stages: [PathPlan.Stage(forward: path.link, backward: backLink)])
        var emulator = Emulator(
            between: try TunDevice(name: first.device, in: first.namespace),
            and: try TunDevice(name: second.device, in: second.namespace), plan: states, seed: path.seed)
        try PathAnswer.warmUp()
        let realTime = RealTime.enter()
        try JSONLine.print(Ready(real_time: realTime))
        try emulator.run(untilSignalled: signals.descriptor, control: STDIN_FILENO) { event in
            try? PathAnswer.print(event)
        }
    }
}
