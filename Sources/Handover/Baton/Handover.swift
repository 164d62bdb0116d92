// SPDX-License-Identifier: Apache-2.0

public import BPF
internal import BPFShared
public import BatonShared

/// The handover as it is attached: its maps, opened from their pins.
///
/// It goes on when the process ends that attached it; `Handover.detach` ends it. An instance may be used by any number
/// of threads.
public final class Handover: Sendable {
    /// Where `attach` pins unless it is told otherwise.
    public static let defaultPinDirectory = Mounts.bpffs + "/baton"

    let pins: PinDirectory
    /// What is saved, by endpoint.
    public let saved: HashMap<RemoteEndpoint, SavedParameters>
    let configurationMap: ArrayMap<KernelConfiguration>
    let counterMap: PerCPUArray<UInt64>
    let triggerMap: PerCPUArray<UInt64>
    let ruleMap: LPMTrie<IPv6Address, PrefixRule>

    /// Opens what is attached.
    ///
    /// - Throws: `notFound` if nothing is attached there, `mismatch` if that is of another version, `permission`.
    public init(pinDirectory: String = Handover.defaultPinDirectory) throws(BPFError) {
        let pins = try PinDirectory(handoverAt: pinDirectory)
        try Capabilities.demand("opening the handover at \(pins.path)")
        guard Pin.exists(pins.resumeLink) else {
            throw BPFError(
                .notFound, "opening the handover at \(pins.path)", reason: "nothing is attached there",
                remedy: "baton attach")
        }
        try pins.checkVersion(remedy: PinDirectory.remedy)
        self.pins = pins
        configurationMap = try ArrayMap(pinnedAt: pins.map("configuration"))
        saved = try HashMap(pinnedAt: pins.map("saved"))
        counterMap = try PerCPUArray(pinnedAt: pins.map("counters"))
        triggerMap = try PerCPUArray(pinnedAt: pins.map("triggers"))
        ruleMap = try LPMTrie(pinnedAt: pins.map("rules"))
    }

    /// Whether this is still what is pinned: not once it was detached, or detached and attached again.
    public var isCurrent: Bool {
        do throws(BPFError) {
            guard Pin.exists(pins.resumeLink) else { return false }
            return try AnyMap(pinnedAt: pins.map("saved")).info().id == saved.info().id
        } catch { return false }
    }

    // MARK: Saved parameters

    /// Saves parameters for an endpoint, in the place of those it had.
    public func save(_ parameters: SavedParameters, for endpoint: RemoteEndpoint) throws(BPFError) {
        try saved.update(parameters, for: endpoint)
    }

    /// All that is saved at the time of the call, most recent first.
    public func list() throws(BPFError) -> [(endpoint: RemoteEndpoint, parameters: SavedParameters)] {
        try saved.entries().map { (endpoint: $0.key, parameters: $0.value) }
            .sorted { $0.parameters.savedAtNanoseconds > $1.parameters.savedAtNanoseconds }
    }

    /// Deletes what is saved for an endpoint.
    ///
    /// - Returns: whether there was something.
    @discardableResult
    public func forget(_ endpoint: RemoteEndpoint) throws(BPFError) -> Bool { try saved.removeValue(for: endpoint) }

    // MARK: Decisions

    /// How many decisions ended in each way since the maps were made.
    public func outcomes() throws(BPFError) -> [(outcome: Outcome, count: UInt64)] {
        var result: [(outcome: Outcome, count: UInt64)] = []
        for outcome in Outcome.allCases {
            result.append((outcome, try counterMap.sum(at: outcome.rawValue)))
        }
        return result
    }

    /// How many changes of phase each trigger brought about since the maps were made.
    public func triggers() throws(BPFError) -> [(trigger: Trigger, count: UInt64)] {
        var result: [(trigger: Trigger, count: UInt64)] = []
        for trigger in Trigger.allCases {
            result.append((trigger, try triggerMap.sum(at: trigger.rawValue)))
        }
        return result
    }

    /// Begins to read the kernel's decisions and changes of phase; those from before the call are left out.
    ///
    /// - Throws: `system` if somebody reads them already: a ring buffer has one reader.
    public func watch() throws(BPFError) -> EventReader { try EventReader(pins) }
}

/// What the kernel tells of connections.
public enum KernelEvent: Sendable {
    /// A connection was established and decided on.
    case decision(Decision)
    /// A resumed connection went from one phase of Careful Resume to another.
    case phase(PhaseEvent)

    /// CLOCK_MONOTONIC.
    public var timeNanoseconds: UInt64 {
        switch self {
        case .decision(let event): event.timeNanoseconds
        case .phase(let event): event.timeNanoseconds
        }
    }
}

/// Reads the kernel's decisions and changes of phase, one after the other. While it exists nobody else can.
public struct EventReader: ~Copyable {
    private let events: RingBuffer<Decision>
    private let phases: RingBuffer<PhaseEvent>
    private let lock: DirectoryLock
    private let start: UInt64
    /// Until when somebody reads: connections without a record are told only then.
    private let watchers: ArrayMap<UInt64>

    init(_ pins: PinDirectory) throws(BPFError) {
        guard let lock = try DirectoryLock.take(ifFree: pins.maps) else {
            throw BPFError(
                .system, "reading the decisions at \(pins.path)", reason: "somebody reads them already",
                remedy: "end the other 'baton watch'")
        }
        let start = KernelClock.nowNanoseconds
        let watchers = try ArrayMap<UInt64>(pinnedAt: pins.map("watchers"))
        let events = try RingBuffer<Decision>(pinnedAt: pins.map("events"))
        let phases = try RingBuffer<PhaseEvent>(pinnedAt: pins.map("phases"))
        // What lay there unread fills the buffer, so that newer decisions would be lost.
        while try !events.read(timeoutMilliseconds: 0).isEmpty {}
        while try !phases.read(timeoutMilliseconds: 0).isEmpty {}
        try watchers.update(start + EventReader.patience, at: 0)
        self.lock = lock
        self.start = start
        self.events = events
        self.phases = phases
        self.watchers = watchers
    }

    deinit { try? watchers.update(0, at: 0) }

    /// How long the kernel tells connections without a record after a reader was last here.
    private static let patience: UInt64 = 2_000_000_000

    /// Waits for events.
    ///
    /// To be called at least every other second: after that, connections without a record are not told any more.
    ///
    /// - Parameter timeoutMilliseconds: at most so long, and at most 1000.
    /// - Returns: in the order of their times; none after that time or a signal.
    public mutating func readAll(timeoutMilliseconds: Int32) throws(BPFError) -> [KernelEvent] {
        let start = start
        try watchers.update(KernelClock.nowNanoseconds + EventReader.patience, at: 0)
        let end = KernelClock.nowNanoseconds + UInt64(min(max(timeoutMilliseconds, 0), 1000)) * 1_000_000
        var result: [KernelEvent] = []
        // Phases change after decisions only, so the wait for these is cut into short pieces.
        repeat {
            let now = KernelClock.nowNanoseconds
            let left = end > now ? (end - now) / 1_000_000 : 0
            // In this order: a connection's first phase is told an instant before its decision.
            result += try phases.read(timeoutMilliseconds: 0).map(KernelEvent.phase)
            let wait = min(left, result.isEmpty ? 50 : 1)
            result += try events.read(timeoutMilliseconds: Int32(wait)).map(KernelEvent.decision)
        } while result.isEmpty && KernelClock.nowNanoseconds < end
        return result.filter { $0.timeNanoseconds >= start }.sorted { $0.timeNanoseconds < $1.timeNanoseconds }
    }

    /// Waits for decisions; changes of phase are passed over.
    ///
    /// - Parameter timeoutMilliseconds: as for `readAll`.
    public mutating func read(timeoutMilliseconds: Int32) throws(BPFError) -> [Decision] {
        try readAll(timeoutMilliseconds: timeoutMilliseconds).compactMap { event in
            if case .decision(let event) = event { event } else { nil }
        }
    }
}
