// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared

/// What the kernel programs report about a connection.
public enum KernelEvent: Sendable {
    /// A connection was established, and it was decided whether it is resumed.
    case decision(Decision)
    /// A resumed connection changed from one phase of Careful Resume to another.
    case phase(PhaseEvent)

    /// When it happened, nanoseconds of CLOCK_MONOTONIC.
    public var timeNanoseconds: UInt64 {
        switch self {
        case .decision(let event): event.timeNanoseconds
        case .phase(let event): event.timeNanoseconds
        }
    }

    /// Decodes a record of the ring buffer `events`.
    ///
    /// - Returns: `nil` for a kind that this version doesn't know, or a record that is too short.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= MemoryLayout<EventHeader>.size else { return nil }
        switch bytes.loadUnaligned(as: EventHeader.self).kind {
        case EventHeader.decision where bytes.count >= MemoryLayout<Decision>.size:
            self = .decision(bytes.loadUnaligned(as: Decision.self))
        case EventHeader.phase where bytes.count >= MemoryLayout<PhaseEvent>.size:
            self = .phase(bytes.loadUnaligned(as: PhaseEvent.self))
        default: return nil
        }
    }
}

/// Reads decisions and phase changes in the order in which the kernel made them. A handover can have one reader at a
/// time.
public struct EventReader: ~Copyable {
    private let events: RingBuffer<EventHeader>
    private let lock: DirectoryLock
    private let start: UInt64
    /// The time until which somebody reads. After it the kernel doesn't report connections without a record.
    private let watchers: ArrayMap<UInt64>

    init(_ pins: PinDirectory) throws(BPFError) {
        guard let lock = try DirectoryLock.take(ifFree: pins.maps) else {
            throw BPFError(
                .system, "reading the events at \(pins.path)", reason: "another process is reading them",
                remedy: "stop the other 'baton watch'")
        }
        let start = KernelClock.nowNanoseconds
        let watchers = try ArrayMap<UInt64>(pinnedAt: pins.map("watchers"))
        let events = try RingBuffer<EventHeader>(pinnedAt: pins.map("events"))
        // Old events that nobody read fill the buffer, and newer ones would be lost.
        while try !events.read(timeoutMilliseconds: 0).isEmpty {}
        try watchers.update(start + EventReader.patience, at: 0)
        self.lock = lock
        self.start = start
        self.events = events
        self.watchers = watchers
    }

    deinit { try? watchers.update(0, at: 0) }

    /// How long after the last read the kernel reports connections without a record, nanoseconds.
    private static let patience: UInt64 = 2_000_000_000

    /// Waits for events.
    ///
    /// Call it about once a second: two seconds after the last call the kernel stops reporting connections without a
    /// record.
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most, 0 to 1000 ms; other values are clamped to that range.
    /// - Returns: events in the kernel's order; none after the timeout or a signal.
    /// - Throws: the error of a map that can't be read or written.
    public mutating func readAll(timeoutMilliseconds: Int32) throws(BPFError) -> [KernelEvent] {
        let start = start
        try watchers.update(KernelClock.nowNanoseconds + EventReader.patience, at: 0)
        return try events.read(timeoutMilliseconds: min(max(timeoutMilliseconds, 0), 1000)) { bytes in
            KernelEvent(bytes).flatMap { $0.timeNanoseconds >= start ? $0 : nil }
        }
    }

    /// Waits for events as `readAll` does, and leaves out phase changes.
    ///
    /// - Parameter timeoutMilliseconds: as for `readAll`.
    /// - Returns: none after the timeout or a signal, or if all events were phase changes.
    public mutating func read(timeoutMilliseconds: Int32) throws(BPFError) -> [Decision] {
        try readAll(timeoutMilliseconds: timeoutMilliseconds).compactMap { event in
            if case .decision(let event) = event { event } else { nil }
        }
    }
}
