// SPDX-License-Identifier: Apache-2.0

public import BPF
internal import BPFShared
public import BatonShared

/// An attached handover: its maps, opened from their pins.
///
/// A handover stays attached after the process that attached it has ended; `Handover.detach` ends it. Any number of
/// threads may use an instance.
public final class Handover: Sendable {
    /// The pin directory by default: `/sys/fs/bpf/baton`.
    public static let defaultPinDirectory = Mounts.bpffs + "/baton"

    let pins: PinDirectory
    /// The records, by remote endpoint.
    public let saved: HashMap<RemoteEndpoint, SavedParameters>
    let configurationMap: ArrayMap<KernelConfiguration>
    let counterMap: PerCPUArray<UInt64>
    let triggerMap: PerCPUArray<UInt64>
    let ruleMap: LPMTrie<IPv6Address, PrefixRule>

    /// Opens the handover that is attached.
    ///
    /// - Parameter pinDirectory: where it is pinned.
    /// - Throws: `notFound` if nothing is attached there, `mismatch` if its layout has another version, `permission`.
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

    /// Whether this handover is still the one that is pinned; `false` once it was detached, even if one was attached
    /// since.
    public var isCurrent: Bool {
        do throws(BPFError) {
            guard Pin.exists(pins.resumeLink) else { return false }
            return try AnyMap(pinnedAt: pins.map("saved")).info().id == saved.info().id
        } catch { return false }
    }

    // MARK: Saved parameters

    /// Saves a record for an endpoint, replacing the one it has.
    public func save(_ parameters: SavedParameters, for endpoint: RemoteEndpoint) throws(BPFError) {
        try saved.update(parameters, for: endpoint)
    }

    /// All records at the time of the call, newest first.
    public func list() throws(BPFError) -> [(endpoint: RemoteEndpoint, parameters: SavedParameters)] {
        try saved.entries().map { (endpoint: $0.key, parameters: $0.value) }
            .sorted { $0.parameters.savedAtNanoseconds > $1.parameters.savedAtNanoseconds }
    }

    /// Deletes the record of an endpoint.
    ///
    /// - Returns: whether it had one.
    @discardableResult
    public func forget(_ endpoint: RemoteEndpoint) throws(BPFError) -> Bool { try saved.removeValue(for: endpoint) }

    /// The smallest window that is saved, bytes: `--min-window`, or four initial windows.
    ///
    /// - Parameter initialWindowBytes: the initial window of the connection that found the window.
    func smallestWindowBytes(initialWindowBytes: UInt64) throws(BPFError) -> UInt64 {
        try configurationMap.value(at: 0).smallestWindowBytes(initialWindowBytes: initialWindowBytes)
    }

    // MARK: Decisions

    /// How many decisions had each outcome since the maps were created.
    public func outcomes() throws(BPFError) -> [(outcome: Outcome, count: UInt64)] {
        var result: [(outcome: Outcome, count: UInt64)] = []
        for outcome in Outcome.allCases {
            result.append((outcome, try counterMap.sum(at: outcome.rawValue)))
        }
        return result
    }

    /// How many phase changes each trigger caused since the maps were created.
    public func triggers() throws(BPFError) -> [(trigger: Trigger, count: UInt64)] {
        var result: [(trigger: Trigger, count: UInt64)] = []
        for trigger in Trigger.allCases {
            result.append((trigger, try triggerMap.sum(at: trigger.rawValue)))
        }
        return result
    }

    /// Starts to read decisions and phase changes. Earlier ones are left out.
    ///
    /// - Throws: `system` if there is another reader: a ring buffer can have only one.
    public func watch() throws(BPFError) -> EventReader { try EventReader(pins) }
}
