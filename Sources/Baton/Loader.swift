// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import BatonShared

/// One run of `HandOver.attach`: loads the object, then puts it in the place of what runs, if anything does.
struct Loader: ~Copyable {
    private let layout: PinLayout
    private let settings: Settings
    private let owner: Int32
    private let isRunning: Bool
    private var object: ObjectFile
    private let seam: String
    /// Whether registrations are held by links.
    private let hasLinks: Bool

    private static let sharedMaps = [
        BatonObject.Map.saved, BatonObject.Map.claims, BatonObject.Map.handovers, BatonObject.Map.configuration,
        BatonObject.Map.counters, BatonObject.Map.events, BatonObject.Map.watchers,
    ]
    private static let seamPrograms = [
        BatonObject.Program.baton_init, BatonObject.Program.baton_ssthresh, BatonObject.Program.baton_undo_cwnd,
        BatonObject.Program.baton_cong_avoid,
    ]
    private static let seedMaps = [
        BatonObject.Map.CwndMap, BatonObject.Map.SSThreshMap, BatonObject.Map.FallbackMap,
    ]

    /// All that are pinned, at most.
    static var allMaps: [String] { sharedMaps + seedMaps }
    static var pinnedPrograms: [String] { ["resume"] + seamPrograms }
    /// So many connections at least can be told apart that use a record; fewer would give way to one another.
    private static let smallestClaimCapacity: UInt32 = 16_384

    init(layout: PinLayout, settings: Settings, owner: Int32, isRunning: Bool) throws(BPFError) {
        guard let seam = Seam.freeNames.first else {
            throw BPFError(
                .system, "attaching the hand-over", reason: "all names for its congestion control are taken",
                remedy: "detach another hand-over; 'bpftool struct_ops list' shows them")
        }
        let hasLinks = try KernelBTF().hasStructure("bpf_struct_ops_link")
        var elf = BatonObject.elf
        try StructOpsName.replace(Seam.baseName, by: seam, in: &elf)
        let object = try ObjectFile(elf, name: "baton")
        self.layout = layout
        self.settings = settings
        self.owner = owner
        self.isRunning = isRunning
        self.seam = seam
        self.hasLinks = hasLinks
        self.object = object
    }

    private var program: String {
        settings.hasSeedMaps ? BatonObject.Program.resume_seeded : BatonObject.Program.resume
    }
    private var otherProgram: String {
        settings.hasSeedMaps ? BatonObject.Program.resume : BatonObject.Program.resume_seeded
    }
    private var maps: [String] { Loader.sharedMaps + (settings.hasSeedMaps ? Loader.seedMaps : []) }

    // MARK: Loading

    /// Past the verifier; nothing that runs is touched.
    mutating func load() throws(BPFError) {
        try object.skipProgram(otherProgram)
        if !settings.hasSeedMaps { for name in Loader.seedMaps { try object.skipMap(name) } }
        try object.setMaxEntries(settings.capacity, ofMap: BatonObject.Map.saved)
        try object.setMaxEntries(max(settings.capacity, Loader.smallestClaimCapacity), ofMap: BatonObject.Map.claims)
        if hasLinks { try object.addFlags(StructOps.linkFlag, ofMap: BatonObject.StructOps.baton) }
        if isRunning {
            try checkRunning()
            for name in maps where Pin.exists(layout.map(name)) {
                try object.reuse(try Descriptor(pinnedAt: layout.map(name)), asMap: name)
            }
        }
        try object.load()
    }

    private func checkRunning() throws(BPFError) {
        let configuration = try HashMap<UInt32, KernelConfiguration>(
            try Descriptor(pinnedAt: layout.map("configuration")), name: layout.map("configuration"))
        try HandOver.checkLayout(try configuration.value(for: 0), at: layout)
        let capacity = try MapInfo(try Descriptor(pinnedAt: layout.map("saved"))).maxEntries
        guard capacity == settings.capacity else {
            throw BPFError(
                .mismatch, "setting the capacity to \(settings.capacity)",
                reason: "the hand-over that runs at \(layout.root) has \(capacity)",
                remedy: "give --capacity \(capacity), or 'baton detach' first")
        }
    }

    // MARK: Attaching

    /// What is new is pinned first, and taken back if that fails. Then the program is put in place, in one step; what follows
    /// only tidies up.
    func attach(to cgroup: Cgroup) throws(BPFError) {
        let program = try object.programDescriptor(program)
        var fresh: [String] = []
        do throws(BPFError) {
            for name in maps where !Pin.exists(layout.map(name)) {
                try object.mapDescriptor(name).pin(at: layout.map(name))
                fresh.append(layout.map(name))
            }
            // Pinned before it is registered: without links the pin is the only way back to the registration.
            let seamMap = try object.mapDescriptor(BatonObject.StructOps.baton)
            try seamMap.pin(at: layout.map(seam))
            fresh.append(layout.map(seam))
            let seamLink = try StructOps.register(object, BatonObject.StructOps.baton, linked: hasLinks)
            if let seamLink {
                try seamLink.pin(at: layout.link(seam))
                fresh.append(layout.link(seam))
            }
            if !isRunning { try configure() }
            try put(program, on: cgroup)
        } catch {
            for path in fresh.reversed() {
                if path == layout.map(seam) { try? Seam.unregister(pinnedAt: path) }
                try? Pin.remove(path)
            }
            throw error
        }
        if isRunning { try configure() }
        try program.pin(at: layout.resumeProgram)
        // So that 'detach' can tell when the kernel has freed them.
        for name in Loader.seamPrograms { try object.programDescriptor(name).pin(at: layout.program(name)) }
        try removeWhatWasReplaced()
    }

    private func configure() throws(BPFError) {
        let map = try HashMap<UInt32, KernelConfiguration>(
            try object.mapDescriptor(BatonObject.Map.configuration), name: "configuration")
        try map.update(settings.kernelConfiguration(seam: seam, owner: UInt32(bitPattern: owner)), for: 0)
    }

    private func put(_ program: borrowing Descriptor, on cgroup: Cgroup) throws(BPFError) {
        if isRunning {
            let running = try CgroupLink(pinnedAt: layout.resumeLink)
            if try running.cgroupID() == cgroup.id { return try running.update(program) }
        }
        // On another cgroup: the new link is there before the old one goes with its pin.
        try CgroupLink(sockOps: program, to: cgroup).descriptor.pin(at: layout.resumeLink)
    }

    /// Earlier seams, and seed maps that are not wanted any more.
    private func removeWhatWasReplaced() throws(BPFError) {
        for name in Pin.names(in: layout.links) where Seam.isName(name) && name != seam {
            try Pin.remove(layout.link(name))
        }
        for name in Pin.names(in: layout.maps) {
            if Seam.isName(name), name != seam {
                try Seam.unregister(pinnedAt: layout.map(name))
                try Pin.remove(layout.map(name))
            } else if Loader.seedMaps.contains(name), !settings.hasSeedMaps {
                try Pin.remove(layout.map(name))
            }
        }
    }
}
