// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// An emulated path between two TUN devices: one thread, both directions.
package struct Emulator: ~Copyable {
    /// How often the emulator wakes when nothing is due, to find out whether it could have been in time.
    private static let heartbeatNanoseconds: Int64 = 1_000_000

    private var first: TunDevice
    private var second: TunDevice
    private var forward: Link
    private var backward: Link
    private var maxStall: Int64 = 0
    private var periodStart: Int64

    /// - Parameters:
    ///   - forward: what happens to packets from `first` to `second`.
    ///   - backward: what happens to packets from `second` to `first`.
    ///   - seed: of the random loss; the same seed loses the same packets.
    package init(
        between first: consuming TunDevice, and second: consuming TunDevice,
        forward: LinkConfiguration, backward: LinkConfiguration, seed: UInt64
    ) {
        self.forward = Link(
            from: first.descriptor, to: second.descriptor, configuration: forward, seed: seed, stream: 1)
        self.backward = Link(
            from: second.descriptor, to: first.descriptor, configuration: backward, seed: seed, stream: 2)
        self.first = first
        self.second = second
        periodStart = MonotonicClock.now()
    }

    /// Carries packets until a signal ends it.
    ///
    /// - Parameters:
    ///   - signals: a descriptor from signalfd(2). SIGUSR1 asks for a report, any other signal for the end.
    ///   - report: is given the counters since the report before, for each SIGUSR1 and at the end.
    /// - Throws: `LinuxError` if ppoll(2) fails.
    package mutating func run(untilSignalled signals: Int32, report: (PathReport) -> Void) throws {
        let descriptors = UnsafeMutablePointer<pollfd>.allocate(capacity: 3)
        defer { descriptors.deallocate() }
        for (index, descriptor) in [first.descriptor, second.descriptor, signals].enumerated() {
            descriptors[index] = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        }
        while true {
            let before = MonotonicClock.now()
            let due = min(forward.firstDue ?? .max, backward.firstDue ?? .max)
            let wake = max(before, min(due, before + Self.heartbeatNanoseconds))
            let ready = clinux_poll(descriptors, 3, wake - before)
            guard ready >= 0 || errno == EINTR else {
                throw LinuxError(call: "ppoll(2)", subject: "devices \(first.name) and \(second.name)")
            }
            let now = MonotonicClock.now()
            maxStall = max(maxStall, now - wake)
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
                report(takeReport())
                guard number == SIGUSR1 else { return }
                // what the report itself took is not held against the path
                periodStart = MonotonicClock.now()
            }
        }
    }

    private mutating func takeReport() -> PathReport {
        let now = MonotonicClock.now()
        defer {
            periodStart = now
            maxStall = 0
        }
        return PathReport(
            elapsedNanoseconds: now - periodStart,
            forward: forward.takeReport(deviceDrops: first.takeTransmitDrops()),
            backward: backward.takeReport(deviceDrops: second.takeTransmitDrops()),
            maxStallNanoseconds: maxStall)
    }
}
