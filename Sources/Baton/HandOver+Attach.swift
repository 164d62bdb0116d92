// SPDX-License-Identifier: Apache-2.0

public import BPF
internal import BatonShared

extension HandOver {
    /// What `attach` did.
    public enum Attachment: String, Sendable {
        /// Nothing was attached before.
        case attached
        /// A running hand-over got these programs and settings; its records were kept.
        case replaced
    }

    /// Attaches the hand-over to a cgroup: to each TCP connection of its processes and of those in cgroups below it.
    ///
    /// Over a hand-over that runs at the same pins, programs are replaced through their links, so that there is no moment
    /// without one, and what is saved is kept. If anything fails, what was there before is there afterwards.
    ///
    /// - Parameters:
    ///   - cgroup: whose connections.
    ///   - settings: what the hand-over goes by from now on.
    ///   - pinDirectory: a directory on a bpffs, for the hand-over alone.
    ///   - owner: the process that will detach it, for `status` to tell; 0: nobody in particular.
    /// - Throws: `invalid` for settings or a cgroup that make no sense, `permission`, `unsupported` if the kernel or the
    ///   machine lacks something, `mismatch` if what runs has another layout or capacity, `verifier`.
    @discardableResult
    public static func attach(
        to cgroup: Cgroup, settings: Settings = Settings(), pinDirectory: String = HandOver.defaultPinDirectory,
        owner: Int32 = 0
    ) throws(BPFError) -> Attachment {
        try settings.validate()
        let layout = PinLayout(pinDirectory)
        try layout.validate()
        try Preflight(pinDirectory: layout.root).demand("attaching the hand-over")
        return try DirectoryLock.with(bpffsOf: layout.root) { () throws(BPFError) in
            let isRunning = Pin.exists(layout.resumeLink)
            // What an attach left behind that was ended half-way.
            if isRunning {
                // A link among them would keep its own program attached beside the one that is replaced. A seam's map
                // is pinned before it is registered, and its link only afterwards: nothing needs to be taken back.
                for directory in [layout.links, layout.maps, layout.programs] {
                    try Pin.removeUnfinished(in: directory)
                }
            } else {
                try removePins(layout)
            }
            do throws(BPFError) {
                try layout.makeDirectories()
                var loader = try Loader(layout: layout, settings: settings, owner: owner, isRunning: isRunning)
                try loader.load()
                try loader.attach(to: cgroup)
                return isRunning ? .replaced : .attached
            } catch {
                if !isRunning { try? removePins(layout) }
                throw error
            }
        }
    }

    /// Ends the hand-over and leaves nothing of it: no program, map, link or pin. TCP connections go on as they are.
    /// Mends what an `attach` left that was ended half-way.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    public static func detach(pinDirectory: String = HandOver.defaultPinDirectory) throws(BPFError) -> Bool {
        let layout = PinLayout(pinDirectory)
        try Preflight.demandCapabilities("detaching the hand-over at \(layout.root)")
        try layout.validate()
        guard Pin.exists(layout.root) else { return false }
        guard Mounts.isOnBPFFS(layout.root) else {
            throw BPFError(
                .invalid, "detaching the hand-over at \(layout.root)", reason: "the directory is not on a bpffs",
                remedy: "give the pin directory that 'baton attach' was given")
        }
        return try DirectoryLock.with(bpffsOf: layout.root) { () throws(BPFError) in
            guard Pin.exists(layout.root) else { return false }
            let leftovers = Leftovers(layout)
            try removePins(layout)
            leftovers.waitUntilGone()
            return true
        }
    }

    /// Loads programs and maps, and drops them again; nothing is attached or pinned.
    ///
    /// - Throws: `verifier`, `permission`, `unsupported`: why this kernel doesn't take them.
    public static func tryLoading() throws(BPFError) {
        // Without the seed's maps: one named CwndMap that comes and goes would confuse whoever looks for it by name.
        var loader = try Loader(layout: PinLayout("/"), settings: Settings(), owner: 0, isRunning: false)
        try loader.load()
    }

    /// Removes all pins of ours, links first: what is not attached any more can't be half there. What others pinned in the
    /// same place stays.
    static func removePins(_ layout: PinLayout) throws(BPFError) {
        try Pin.removeUnfinished(in: layout.links)
        try Pin.remove(layout.resumeLink)
        for name in Pin.names(in: layout.links) where Seam.isName(name) { try Pin.remove(layout.link(name)) }
        try Pin.removeUnfinished(in: layout.maps)
        for name in Pin.names(in: layout.maps) {
            if Seam.isName(name) { try Seam.unregister(pinnedAt: layout.map(name)) }
            if Seam.isName(name) || Loader.allMaps.contains(name) { try Pin.remove(layout.map(name)) }
        }
        try Pin.removeUnfinished(in: layout.programs)
        for name in Loader.pinnedPrograms { try Pin.remove(layout.program(name)) }
        layout.removeEmptyDirectories()
    }
}

/// Programs and maps on their way out. The kernel frees them a while after the last reference is gone: a struct_ops once
/// no task can be inside it any more.
private struct Leftovers {
    private let programs: [UInt32]
    private let maps: [UInt32]

    init(_ layout: PinLayout) {
        programs = Pin.names(in: layout.programs).compactMap { name in
            do throws(BPFError) { return try ProgramInfo(try Descriptor(pinnedAt: layout.program(name))).id } catch {
                return nil
            }
        }
        maps = Pin.names(in: layout.maps).compactMap { name in
            do throws(BPFError) { return try MapInfo(try Descriptor(pinnedAt: layout.map(name))).id } catch {
                return nil
            }
        }
    }

    /// Waits ten seconds at most; the kernel goes on by itself.
    func waitUntilGone() {
        for _ in 0..<500 {
            if !programs.contains(where: ProgramInfo.exists), !maps.contains(where: MapInfo.exists) { return }
            KernelClock.sleep(milliseconds: 20)
        }
    }
}
