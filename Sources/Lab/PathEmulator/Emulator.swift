// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// An emulated path between two TUN devices: one thread, both directions.
package struct Emulator: ~Copyable {
    /// How often the emulator wakes when nothing is due, to measure whether it would have been on time.
    private static let heartbeatNanoseconds: Int64 = 1_000_000

    private var first: TunDevice
    private var second: TunDevice
    private var forward: Forwarder
    private var backward: Forwarder
    private var schedule: StageSchedule
    private let stageCount: Int
    private var maxStall: Int64 = 0
    private var periodStart: Int64

    /// - Parameters:
    ///   - plan: what happens to packets, `forward` from `first` to `second`; its `objection` must be nil.
    ///   - seed: random seed of the loss and the jitter; the same seed loses the same packets.
    package init(between first: consuming TunDevice, and second: consuming TunDevice, plan: PathPlan, seed: UInt64) {
        forward = Forwarder(
            from: first.descriptor, to: second.descriptor,
            link: Link(stages: plan.stages.map(\.forward), seed: seed, stream: 1))
        backward = Forwarder(
            from: second.descriptor, to: first.descriptor,
            link: Link(stages: plan.stages.map(\.backward), seed: seed, stream: 2))
        self.first = first
        self.second = second
        schedule = StageSchedule(plan)
        stageCount = plan.stages.count
        periodStart = MonotonicClock.now()
    }

    /// Carries packets until a signal ends it.
    ///
    /// - Parameters:
    ///   - signals: a descriptor from signalfd(2). SIGUSR1 asks for a report; any other signal ends the run.
    ///   - control: a descriptor from which control lines are read (`ControlCommand`). Its end changes nothing.
    ///   - answer: receives an event for each line and for each SIGUSR1, and a report at the end. Packets are delayed
    ///     while it runs.
    /// - Throws: `LinuxError` if ppoll(2) fails.
    package mutating func run(
        untilSignalled signals: Int32, control: Int32, answer: (EmulatorEvent) -> Void
    ) throws {
        var lines = LineReader(control)
        let descriptors = UnsafeMutablePointer<pollfd>.allocate(capacity: 4)
        defer { descriptors.deallocate() }
        for (index, descriptor) in [first.descriptor, second.descriptor, signals, control].enumerated() {
            descriptors[index] = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        }
        while true {
            let before = MonotonicClock.now()
            let wake = max(before, min(nextMoment, before + Self.heartbeatNanoseconds))
            let ready = clinux_poll(descriptors, 4, wake - before)
            guard ready >= 0 || errno == EINTR else {
                throw LinuxError(call: "ppoll(2)", subject: "devices \(first.name) and \(second.name)")
            }
            let now = MonotonicClock.now()
            maxStall = max(maxStall, now - wake)
            while let (stage, moment) = schedule.enterNext(by: now) {
                enter(stage: stage, at: moment)
            }
            forward.putOut(at: now)
            backward.putOut(at: MonotonicClock.now())
            guard ready > 0 else { continue }
            if descriptors[0].revents != 0 {
                forward.takeIn(at: MonotonicClock.now())
            }
            if descriptors[1].revents != 0 {
                backward.takeIn(at: MonotonicClock.now())
            }
            if descriptors[2].revents != 0 {
                let number = clinux_read_signal(signals)
                guard number > 0 else { continue }
                answerWithReport(answer)
                guard number == SIGUSR1 else { return }
            }
            if descriptors[3].revents != 0 {
                guard let commands = lines.read() else {
                    descriptors[3].fd = -1
                    continue
                }
                for command in commands {
                    obey(command, answer)
                }
            }
        }
    }

    /// When the next action is due (ns).
    private var nextMoment: Int64 {
        min(forward.link.firstDue ?? .max, backward.link.firstDue ?? .max, schedule.nextMoment ?? .max)
    }

    private mutating func obey(_ line: String, _ answer: (EmulatorEvent) -> Void) {
        do {
            switch try ControlCommand(line, stages: stageCount) {
            case .begin(let seed):
                begin(seed: seed)
                answer(.begun)
            case .start:
                schedule.start(at: MonotonicClock.now())
                answer(.started)
            case .stage(let stage):
                schedule.enter(stage)
                enter(stage: stage, at: MonotonicClock.now())
                answer(.stage(stage))
            case .report:
                answerWithReport(answer)
            }
        } catch {
            answer(.rejected(error.description))
        }
    }

    private mutating func begin(seed: UInt64) {
        schedule.begin()
        forward.begin(seed: seed)
        backward.begin(seed: seed)
        _ = takeReport()
    }

    private mutating func enter(stage: Int, at moment: Int64) {
        forward.link.enter(stage: stage, at: moment)
        backward.link.enter(stage: stage, at: moment)
    }

    private mutating func answerWithReport(_ answer: (EmulatorEvent) -> Void) {
        answer(.report(takeReport()))
        // the time that the report itself took does not count
        periodStart = MonotonicClock.now()
    }

    private mutating func takeReport() -> PathReport {
        let now = MonotonicClock.now()
        defer {
            periodStart = now
            maxStall = 0
        }
        return PathReport(
            stage: schedule.current, elapsedNanoseconds: now - periodStart,
            forward: forward.link.takeReport(deviceDrops: first.takeTransmitDrops()),
            backward: backward.link.takeReport(deviceDrops: second.takeTransmitDrops()),
            maxStallNanoseconds: maxStall)
    }
}
