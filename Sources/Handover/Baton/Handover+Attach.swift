// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared

extension Handover {
    /// What `attach` did.
    public enum Attachment: String, Sendable {
        /// Nothing was attached before.
        case attached
        /// The attached handover got new programs and settings; its records were kept.
        case replaced
    }

    /// Attaches the handover to a cgroup. It then acts on the TCP connections of all processes in that cgroup and in
    /// the cgroups below it.
    ///
    /// If a handover is already attached at the same pin directory, its programs are replaced through their links,
    /// without a gap, and its records are kept. If anything fails, everything stays as it was.
    ///
    /// - Parameters:
    ///   - cgroup: where to attach.
    ///   - settings: the settings from now on; those of a handover that is replaced are not kept.
    ///   - pinDirectory: a directory on a bpffs, for this handover alone.
    ///   - owner: the process that will detach the handover, which `status` reports; 0: none.
    /// - Returns: whether a handover was attached or replaced.
    /// - Throws: `invalid` for a setting out of range or an unusable cgroup, `permission`, `unsupported` if the kernel
    ///   or the machine lacks something, `mismatch` if the attached handover has another layout version or capacity,
    ///   `verifier` if the kernel refuses a program.
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
            // Remove what an interrupted attach left behind.
            if isRunning {
                try pins.checkVersion(remedy: PinDirectory.remedy)
                // A leftover link would keep its own program attached beside the new one.
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

    /// Detaches the handover and removes all of it: programs, maps, links and pins. Also removes what an interrupted
    /// `attach` left behind. Then waits until the kernel has freed everything, ten seconds at most.
    ///
    /// TCP connections continue. Those in the middle of Careful Resume continue under their own congestion control,
    /// without the rest of the jump. A connection gets that control back at once if the kernel has
    /// `Feature.tcpIterators` and the connection's network namespace can be found and entered; otherwise with its next
    /// acknowledgement or flight. Until then it keeps a part of the handover in the kernel.
    ///
    /// - Returns: whether there was anything to remove.
    /// - Throws: `permission`, or `invalid` if the directory isn't on a bpffs.
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

    /// Loads the programs and maps of a policy and closes them again; nothing is attached or pinned.
    ///
    /// - Throws: `verifier`, `permission` or `unsupported`: why this kernel doesn't accept them.
    public static func tryLoading(policy: Policy) throws(BPFError) {
        // Without cwndebpf's maps: a short-lived map named CwndMap would confuse whoever looks for it by name.
        let pins = try PinDirectory(handoverAt: defaultPinDirectory)
        var settings = Settings()
        settings.policy = policy
        _ = try Loader(pins: pins, settings: settings, owner: 0, isRunning: false)
    }

    /// The compiled programs and maps, for tests of their layout.
    package static func objectSpec() throws(BPFError) -> ObjectSpec { try BatonObject.Spec().object }

    /// What the handover requires of the machine and its kernel, for `Preflight`.
    public static func requirements(pinDirectory: String = Handover.defaultPinDirectory) -> [Preflight.Requirement] {
        [
            .capabilities, .cgroup2, .bpffs(pinDirectory), .feature(.btf), .feature(.sockOps), .feature(.cgroupLinks),
            .feature(.structOps), .feature(.socketStorage), .feature(.ringBuffer), .helpful(.structOpsLinks),
            .helpful(.tcpIterators),
        ]
    }
}
