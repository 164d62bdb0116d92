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
            Creates a TUN device in each of two namespaces of `ip netns` and carries packets between them until \
            SIGTERM or SIGINT. Prints a JSON line "ready" once the devices exist; they still need addresses, a \
            txqueuelen of 10000, and to be brought up. Prints a line of counters for each SIGUSR1, and one at the end. \
            Each covers the time since the previous one; if it says "spoiled": true, discard what was measured in that \
            time.

            Lines on standard input, each answered by a JSON line: `begin SEED` empties the path and restarts it with \
            this random seed, `start` starts the clock of the plan's timed stages, `stage N` enters a stage at once (0 \
            is the first), `report` asks for the counters.
            """)

    @Option(help: ArgumentHelp("The first end.", valueName: "namespace:device"))
    var first: PathEnd

    @Option(help: ArgumentHelp("The second end.", valueName: "namespace:device"))
    var second: PathEnd

    @Option(
        help: ArgumentHelp(
            "All states of the path as JSON, instead of --rtt, --rate, --queue, --loss and --back-….", valueName: "json"
        ),
        transform: PlanArgument.parse)
    var plan: PathPlan?

    @OptionGroup(title: "Path")
    var path: PathOptions

    @Option(help: ArgumentHelp("Delay from the second end to the first (default: half of --rtt).", valueName: "time"))
    var backDelay: TimeSpan?

    @Option(help: ArgumentHelp("Rate from the second end to the first (default: --rate).", valueName: "rate"))
    var backRate: BitRate?

    @Option(help: ArgumentHelp("Queue from the second end to the first (default: --queue).", valueName: "size"))
    var backQueue: QueueSize?

    @Option(help: ArgumentHelp("Random loss from the second end to the first (default: --loss).", valueName: "share"))
    var backLoss: Probability?

    /// The direction from the second end to the first.
    private var backLink: LinkConfiguration {
        let rate = backRate ?? path.rate
        var link = path.link
        link.bitsPerSecond = rate.bitsPerSecond
        link.delayNanoseconds = backDelay?.nanoseconds ?? link.delayNanoseconds
        link.queueBytes = (backQueue ?? path.queue).bytes(rate: rate, roundTrip: path.rtt)
        link.loss = backLoss.map { LossModel(probability: $0.value) } ?? link.loss
        return link
    }

    /// Whether options are given that describe a single state of the path.
    private func describesSingleState() throws -> Bool {
        try path.link != PathOptions.parse([]).link || backLink != path.link
    }

    func validate() throws {
        guard (first.namespace.name, first.device) != (second.namespace.name, second.device) else {
            throw ValidationError("--first and --second are both \(first.namespace.name):\(first.device)")
        }
        if let plan {
            if try describesSingleState() {
                throw ValidationError(
                    "--plan describes the whole path; leave out --rtt, --rate, --queue, --loss and --back-…")
            }
            if let objection = plan.objection { throw ValidationError("--plan: \(objection)") }
        } else if let objection = backLink.objection {
            throw ValidationError("from the second end to the first: \(objection)")
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
        // as a background job of a terminal, reading fails instead of stopping the process; and packets are still
        // carried when the reader of the output has gone
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

/// The lines that the emulator's process answers with.
private enum PathAnswer {
    private struct Line: Encodable {
        var schema = 1
        var event: String
        var stage: Int?
        var message: String?
    }

    /// Prints an event as one JSON line.
    static func print(_ event: EmulatorEvent) throws {
        switch event {
        case .begun: try JSONLine.print(Line(event: "begun"))
        case .started: try JSONLine.print(Line(event: "started"))
        case .stage(let stage): try JSONLine.print(Line(event: "stage", stage: stage))
        case .rejected(let message): try JSONLine.print(Line(event: "error", message: message))
        case .report(let report): try JSONLine.print(report)
        }
    }

    /// Encodes one line of each kind and discards it: the first time takes milliseconds, during which packets would
    /// wait.
    static func warmUp() throws {
        _ = try JSONLine.encode(Line(event: "begun", stage: 0, message: ""))
        _ = try JSONLine.encode(
            PathReport(
                elapsedNanoseconds: 0, forward: DirectionReport(), backward: DirectionReport(), maxStallNanoseconds: 0))
    }
}
