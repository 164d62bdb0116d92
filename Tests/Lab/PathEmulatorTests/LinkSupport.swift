// SPDX-License-Identifier: Apache-2.0

import PathEmulator

extension Link {
    /// A packet of zeros arrives.
    mutating func put(bytes: Int, at now: Int64) {
        precondition(reserve() != nil, "the ring is full")
        take(bytes: bytes, at: now)
    }

    /// Puts out all packets, each when it is due: those times (ns).
    mutating func drain() -> [Int64] {
        var times: [Int64] = []
        while let due = firstDue {
            times.append(due)
            putOut(at: due, accepted: true)
        }
        return times
    }
}

/// A line on which a packet of 1500 bytes takes 1 ms, unless told otherwise.
func line(
    megabits: Int64 = 12, delay: Int64 = 10_000_000, queue: Int64 = 150_000, loss: LossModel = .none, jitter: Int64 = 0
) -> LinkConfiguration {
    LinkConfiguration(
        bitsPerSecond: megabits * 1_000_000, delayNanoseconds: delay, queueBytes: queue, loss: loss,
        jitterNanoseconds: jitter)
}
