// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared

extension Handover {
    /// What `attach` did.
    public enum Attachment: String, Sendable {
        /// Nothing was attached before.
        case attached
        /// A running handover got these programs and settings; its records were kept.
        case replaced
    }

    /// Attaches the handover to a cgroup: to each TCP connection of its processes and of those in cgroups below it.
    ///
    /// Over a handover that runs at the same pins, programs are replaced through their links, so that there is no
    /// moment without one, and what is saved is kept. If anything fails, what was there before is there afterwards.
    ///
    /// - Parameters:
    ///   - cgroup: whose connections.
    ///   - settings: what the handover goes by from now on.
    ///   - pinDirectory: a directory on a bpffs, for the handover alone.
    ///   - owner: the process that will detach it, for `status` to tell; 0: nobody in particular.
    /// - Throws: `invalid` for settings or a cgroup that make no sense, `permission`, `unsupported` if the kernel or
    ///   the machine lacks something, `mismatch` if what runs has another layout or capacity, `verifier`.
    @discardableResult
    public static func attach(
        to cgroup: Cgroup, settings: Settings = Settings(), pinDirectory: String = Handover.defaultPinDirectory,
        owner: Int32 = 0
    ) throws(BPFError) -> Attachment {
        try settings.validate()
        let pins = try PinDirectory(handoverAt: pinDirectory)
        try Preflight(Handover.requirements(pinDirectory: pins.path)).demand("attaching the handover")
        return try pins.locked { () throws(BPFError) in
            let isRunning = Pin.exists(pins.resumeLink)
            // What an attach left behind that was ended half-way.
            if isRunning {
                try pins.checkVersion(remedy: PinDirectory.remedy)
                // A link among them would keep its own program attached beside the one that is replaced.
                try pins.removeUnfinished()
            } else {
                try Loader.removePins(pins)
            }
            do throws(BPFError) {
                try pins.make(replacing: !isRunning)
                try ControlName.retry { () throws(BPFError) in
                    let loader = try Loader(pins: pins, settings: settings, owner: owner, isRunning: isRunning)
                    try loader.attach(to: cgroup)
                }
                return isRunning ? .replaced : .attached
            } catch {
                if !isRunning { try? Loader.removePins(pins) }
                throw error
            }
        }
    }

    /// Ends the handover and leaves nothing of it: no program, map, link or pin. TCP connections go on as they are; those
    /// in the middle of Careful Resume get their own congestion control back, without the rest of the jump. Mends what an
    /// `attach` left that was ended half-way.
    ///
    /// A connection gets its control back at once if the kernel has `Feature.tcpIterators` and its network namespace can be
    /// found and entered, else with its next acknowledgement or flight; what it holds of the handover goes with that.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    public static func detach(pinDirectory: String = Handover.defaultPinDirectory) throws(BPFError) -> Bool {
        let pins = try PinDirectory(handoverAt: pinDirectory)
        try Capabilities.demand("detaching the handover at \(pins.path)")
        guard pins.exists else { return false }
        guard Mounts.isOnBPFFS(pins.path) else {
            throw BPFError(
                .invalid, "detaching the handover at \(pins.path)", reason: "the directory is not on a bpffs",
                remedy: "use the --pin-directory that 'baton attach' used")
        }
        return try pins.locked { () throws(BPFError) in
            guard pins.exists else { return false }
            let remains = PendingRelease(of: pins)
            try Loader.removePins(pins)
            remains.waitUntilGone()
            return true
        }
    }

    /// Loads programs and maps, and drops them again; nothing is attached or pinned.
    ///
    /// - Throws: `verifier`, `permission`, `unsupported`: why this kernel doesn't take them.
    public static func tryLoading(policy: Policy) throws(BPFError) {
        // Without cwndebpf's maps: one named CwndMap that comes and goes would confuse whoever looks for it by name.
        let pins = try PinDirectory(handoverAt: defaultPinDirectory)
        var settings = Settings()
        settings.policy = policy
        _ = try Loader(pins: pins, settings: settings, owner: 0, isRunning: false)
    }

    /// The programs and maps as they are compiled, for tests of their layout.
    package static func objectSpec() throws(BPFError) -> ObjectSpec { try BatonObject.Spec().object }

    /// What the handover needs of the machine and its kernel, for `Preflight`.
    public static func requirements(pinDirectory: String = Handover.defaultPinDirectory) -> [Preflight.Requirement] {
        [
            .capabilities, .cgroup2, .bpffs(pinDirectory), .feature(.btf), .feature(.sockOps), .feature(.cgroupLinks),
            .feature(.structOps), .feature(.socketStorage), .feature(.ringBuffer), .helpful(.structOpsLinks),
            .helpful(.tcpIterators),
        ]
    }
}
