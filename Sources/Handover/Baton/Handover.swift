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
                remedy: "run 'baton attach' first")
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

    /// The smallest window that is saved, bytes: `--min-window`, or four initial windows.
    ///
    /// - Parameter initialWindowBytes: of the connection that found the window.
    func smallestWindowBytes(initialWindowBytes: UInt64) throws(BPFError) -> UInt64 {
        try configurationMap.value(at: 0).smallestWindowBytes(initialWindowBytes: initialWindowBytes)
    }

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

    /// Begins to read the kernel's decisions and changes of phase. Earlier ones are left out.
    ///
    /// - Throws: `system` if another reader exists: a ring buffer has one.
    public func watch() throws(BPFError) -> EventReader { try EventReader(pins) }
}
