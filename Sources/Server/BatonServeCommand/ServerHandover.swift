// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonCommandLine
import Glibc
import HTTP3
import HTTP3Handover
import Logging
import Synchronization

/// The handover that a server feeds with its samples. The server attaches it for as long as it runs, or uses one that
/// is already attached.
final class ServerHandover: Sendable {
    private let pinDirectory: String
    private let logger: Logger
    /// `nil` while nothing is attached.
    private let current: Mutex<(handover: Handover, recorder: SampleRecorder)?>

    private init(_ handover: Handover, pinDirectory: String, logger: Logger) {
        self.pinDirectory = pinDirectory
        self.logger = logger
        current = Mutex((handover, SampleRecorder(handover)))
    }

    /// What `begin` found.
    enum Start {
        case attached(ServerHandover)
        case unavailable(BPFError)
    }

    /// Uses the handover that is attached, or attaches one.
    ///
    /// - Returns: `unavailable` if the kernel, the machine or the user's rights don't allow it; the log says why.
    /// - Throws: if the settings or the cgroup are invalid, or contradict a handover that is attached.
    static func begin(
        settings: Settings, cgroup path: String?, pinDirectory pins: String, logger: Logger
    ) throws(BPFError) -> Start {
        try settings.validate()
        let wanted: Cgroup? = if let path { try Cgroup(path: path) } else { nil }
        if let running = runningStatus(pins) { try demandFit(running, settings, wanted, pins) }
        do throws(BPFError) {
            if let running = runningStatus(pins), running.cgroup != nil, !isOrphan(running) {
                logger.info("using the handover that is attached", metadata: ["pins": "\(pins)"])
            } else {
                let cgroup: Cgroup
                if let wanted { cgroup = wanted } else { cgroup = try Cgroup.own() }
                try Handover.attach(to: cgroup, settings: settings, pinDirectory: pins, owner: getpid())
                logger.info("handover attached", metadata: ["cgroup": "\(cgroup.path)", "pins": "\(pins)"])
                if cgroup.path == Mounts.cgroup2 {
                    logger.warning("this is the root cgroup: the handover covers all TCP connections of the machine")
                }
            }
            return .attached(ServerHandover(try Handover(pinDirectory: pins), pinDirectory: pins, logger: logger))
        } catch {
            logger.warning("serving without handover: \(error)", metadata: verifierLog(of: error))
            return .unavailable(error)
        }
    }

    /// The verifier's complete log, if `BATON_DEBUG` asks for it.
    private static func verifierLog(of error: BPFError) -> Logger.Metadata {
        guard CommandFailure.isDebugging, let log = error.log else { return [:] }
        return ["log": "\(log)"]
    }

    private static func runningStatus(_ pins: String) -> Status? {
        do throws(BPFError) { return try Handover(pinDirectory: pins).status() } catch { return nil }
    }

    /// Whether the server that attached this handover has ended without detaching it. It is then taken over.
    private static func isOrphan(_ status: Status) -> Bool {
        status.owner != 0 && status.owner != getpid() && kill(status.owner, 0) != 0 && errno == ESRCH
    }

    /// A server never replaces a handover that somebody else attached for another cgroup or with other settings.
    private static func demandFit(
        _ running: Status, _ settings: Settings, _ wanted: Cgroup?, _ pins: String
    ) throws(BPFError) {
        guard let cgroup = running.cgroup, !isOrphan(running) else { return }
        let own = wanted?.path ?? Mounts.ownCgroup ?? "/"
        guard own == cgroup || own.hasPrefix(cgroup + "/") else {
            throw BPFError(
                .mismatch, "attaching the handover to \(own)", reason: "one is attached at \(pins) for \(cgroup)",
                remedy: "give another --pin-directory, or 'baton detach' first")
        }
        guard settings == Settings() || settings == running.settings else {
            throw BPFError(
                .mismatch, "serving with these settings", reason: "the handover at \(pins) has other settings",
                remedy: "'baton status' shows them; omit the options, or give another --pin-directory")
        }
    }

    func record(_ sample: TransportSample) {
        guard let recorder = current.withLock({ $0?.recorder }), let sample = QUICSample(sample) else { return }
        do throws(BPFError) { try recorder.record(sample) } catch {
            logger.warning("saving a sample failed: \(error)", metadata: ["peer": "\(sample.endpoint)"])
        }
    }

    /// Notices, once a second, that the handover was detached or attached again: then there are other maps to write.
    func keepCurrent() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let isCurrent = current.withLock { $0?.handover.isCurrent ?? false }
            if isCurrent { continue }
            do throws(BPFError) {
                let handover = try Handover(pinDirectory: pinDirectory)
                current.withLock { $0 = (handover, SampleRecorder(handover)) }
                logger.info("using the handover that was attached again")
            } catch {
                let wasThere = current.withLock { current in
                    defer { current = nil }
                    return current != nil
                }
                if wasThere {
                    logger.warning("the handover was detached; serving without it until one is attached again")
                }
            }
        }
    }

    /// Detaches what this server attached, unless somebody has taken it over meanwhile.
    func end() {
        guard ServerHandover.runningStatus(pinDirectory)?.owner == getpid() else { return }
        do throws(BPFError) { try Handover.detach(pinDirectory: pinDirectory) } catch {
            logger.warning("detaching failed: \(error)")
        }
    }
}
