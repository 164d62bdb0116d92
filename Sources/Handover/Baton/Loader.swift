// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import BatonShared

/// One run of `Handover.attach`: loads the object, then attaches it, or replaces the handover that is attached.
struct Loader: ~Copyable {
    private let pins: PinDirectory
    private let settings: Settings
    private let owner: Int32
    private let isRunning: Bool
    /// The name under which the congestion control is registered.
    private let control: String
    /// What is to be loaded.
    private let spec: BatonObject.Spec
    /// Loaded and accepted by the verifier; nothing that is attached has changed yet.
    private let object: BatonObject

    /// cwndebpf's maps.
    private static let compatMaps: Set = ["CwndMap", "SSThreshMap", "FallbackMap"]
    /// Programs of earlier layouts, for `detach` to remove.
    private static let formerPrograms = ["batonInit", "batonSSThresh", "batonUndoCwnd", "batonCongAvoid"]
    /// The program that restores the congestion controls of sockets.
    private static let iteratorName = "restoreAllControls"
    /// The least capacity of the map `claims`: in a smaller LRU map, claims of open connections would evict one
    /// another.
    private static let smallestClaimCapacity: UInt32 = 16_384

    /// Loads the object.
    ///
    /// - Throws: `verifier`, `permission`, `unsupported`; `mismatch` if the attached handover has another capacity.
    init(pins: PinDirectory, settings: Settings, owner: Int32, isRunning: Bool) throws(BPFError) {
        let control = try ControlName.free()
        var spec = try BatonObject.Spec()
        Loader.choose(settings.policy, name: control, in: &spec)
        spec.programs.resume.isLoaded = !settings.hasCompatMaps
        spec.programs.resumeCompat.isLoaded = settings.hasCompatMaps
        spec.maps.saved.maxEntries = settings.capacity
        spec.maps.claims.maxEntries = max(settings.capacity, Loader.smallestClaimCapacity)
        for map in spec.object.maps.map(\.name) {
            if Loader.compatMaps.contains(map), !settings.hasCompatMaps {
                spec.object[map: map].isCreated = false
            } else if isRunning, Pin.exists(pins.map(map)) {
                try spec.object[map: map].reuse(pinnedAt: pins.map(map))
            }
        }
        if isRunning { try Loader.checkCapacity(settings, pins) }
        do throws(BPFError) { object = try spec.load() } catch {
            throw settings.policy == .careful ? CarefulSupport.explain(error) : error
        }
        self.pins = pins
        self.settings = settings
        self.owner = owner
        self.isRunning = isRunning
        self.control = control
        self.spec = spec
    }

    /// Loads the congestion control of this policy alone: an older kernel may support what one policy needs, and not
    /// what the other needs.
    private static func choose(_ policy: Policy, name: String, in spec: inout BatonObject.Spec) {
        spec.structOps.exact.isCreated = policy == .exact
        spec.structOps.careful.isCreated = policy == .careful
        spec.structOps.exact.name = name
        spec.structOps.careful.name = name
        for program in spec.object.programs where program.kind == .structOps {
            spec.object[program: program.name].isLoaded = program.name.hasPrefix(policy.name)
        }
        // Under any policy: a handover that this one replaces may have left sockets in Careful Resume.
        spec.programs.restoreAllControls.isLoaded = Feature.tcpIterators.probe() == .yes
    }

    private static func checkCapacity(_ settings: Settings, _ pins: PinDirectory) throws(BPFError) {
        let capacity = try AnyMap(pinnedAt: pins.map("saved")).info().maxEntries
        guard capacity == settings.capacity else {
            throw BPFError(
                .mismatch, "setting the capacity to \(settings.capacity)",
                reason: "the handover attached at \(pins.path) has \(capacity)",
                remedy: "use --capacity \(capacity), or run 'baton detach' first")
        }
    }

    // MARK: Attaching

    /// First pins everything that is new, and removes it again if that fails. Then puts the program in place, in one
    /// step. After that it writes the configuration, if it replaces a handover, and tidies up.
    func attach(to cgroup: Cgroup) throws(BPFError) {
        var fresh: [String] = []
        do throws(BPFError) {
            for map in spec.object.maps where map.isCreated && !Pin.exists(pins.map(map.name)) {
                try object.object.map(map.name, as: AnyMap.self).pin(at: pins.map(map.name))
                fresh.append(pins.map(map.name))
            }
            // The pin keeps it registered.
            switch settings.policy {
            case .exact: try object.structOps.exact.register(pinnedAt: pins.link(control)).release()
            case .careful: try object.structOps.careful.register(pinnedAt: pins.link(control)).release()
            }
            if !isRunning { try configure() }
            if settings.hasCompatMaps {
                try put(object.programs.resumeCompat, on: cgroup)
            } else {
                try put(object.programs.resume, on: cgroup)
            }
        } catch {
            try? StructOpsLink.unregister(pinnedAt: pins.link(control))
            for path in fresh { try? Pin.remove(path) }
            throw error
        }
        if isRunning { try configure() }
        try pinPrograms()
        try removeWhatWasReplaced()
    }

    private func configure() throws(BPFError) {
        let configuration = settings.kernelConfiguration(control: control, owner: UInt32(bitPattern: owner))
        try object.maps.configuration.update(configuration, at: 0)
    }

    private func put(_ program: borrowing SockOpsProgram, on cgroup: Cgroup) throws(BPFError) {
        if isRunning {
            let running = try CgroupLink(pinnedAt: pins.resumeLink)
            if try running.cgroupID() == cgroup.id { return try running.update(program) }
        }
        // Another cgroup: the new link is attached before its pin replaces the old one's.
        try program.attach(to: cgroup).pin(at: pins.resumeLink)
    }

    /// Pins the programs, so that 'status' can query them and 'detach' can wait until the kernel has freed them.
    private func pinPrograms() throws(BPFError) {
        for program in spec.object.programs where program.isLoaded {
            let path = program.kind == .sockOps ? pins.resumeProgram : pins.program(program.name)
            try object.object.program(program.name, as: AnyProgram.self).pin(at: path)
        }
    }

    /// Removes earlier congestion controls, programs of the other policy, and compat maps that are no longer wanted.
    private func removeWhatWasReplaced() throws(BPFError) {
        for name in Pin.names(in: pins.links) where ControlName.isOurs(name) && name != control {
            try StructOpsLink.unregister(pinnedAt: pins.link(name))
        }
        for map in spec.object.maps where !map.isCreated { try Pin.remove(pins.map(map.name)) }
        for program in spec.object.programs where program.kind == .structOps && !program.isLoaded {
            try Pin.remove(pins.program(program.name))
        }
    }

    // MARK: Detaching

    /// Marks the handover as detached in its configuration. Sockets in the middle of Careful Resume then return to
    /// their own control with their next acknowledgement or flight, unless `restoreControls` reaches them before.
    private static func markDetached(_ pins: PinDirectory) throws(BPFError) {
        guard Pin.exists(pins.map("configuration")) else { return }
        let map = try ArrayMap<KernelConfiguration>(pinnedAt: pins.map("configuration"))
        var configuration = try map.value(at: 0)
        configuration.policy = KernelConfiguration.detachedPolicy
        try map.update(configuration, at: 0)
    }

    /// Restores the congestion control of sockets that are still in Careful Resume, in each network namespace that can
    /// be found and entered. Sockets in other namespaces return to theirs by themselves.
    ///
    /// Runs the program that was loaded with the handover: it has the right maps, whatever version detaches the
    /// handover.
    private static func restoreControls(_ pins: PinDirectory) {
        do throws(BPFError) {
            let link = try IteratorProgram(pinnedAt: pins.program(iteratorName)).attach()
            for path in NetworkNamespace.visiblePaths {
                do throws(BPFError) {
                    try NetworkNamespace(path: path).run { () throws(BPFError) in try link.run() }
                } catch { continue }
            }
        } catch { return }
    }

    /// Removes all pins of the handover, links first: if this is interrupted, the pins that are left belong to a
    /// handover that is no longer attached. What others pinned in the same place stays.
    static func removePins(_ pins: PinDirectory) throws(BPFError) {
        let spec = try BatonObject.Spec().object
        try pins.removeUnfinished()
        try Pin.remove(pins.resumeLink)
        // It fails for the configuration of another version. Then that version's iterator program, run below, restores
        // its sockets, or that version leaves no socket under its control.
        try? markDetached(pins)
        for name in Pin.names(in: pins.links) where ControlName.isOurs(name) {
            try StructOpsLink.unregister(pinnedAt: pins.link(name))
        }
        // After unregistering: no further socket can get the control.
        restoreControls(pins)
        for map in spec.maps { try Pin.remove(pins.map(map.name)) }
        try Pin.remove(pins.resumeProgram)
        for program in spec.programs where program.kind != .sockOps { try Pin.remove(pins.program(program.name)) }
        for name in formerPrograms { try Pin.remove(pins.program(name)) }
        pins.removeIfEmpty()
    }
}
