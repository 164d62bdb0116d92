// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonCommandLine
import Glibc
import HTTP3
import HTTP3Handover
import Logging
import Synchronization

/// The handover's side of a server: attached for as long as the server runs, or used if somebody else attached it; fed with
/// the server's samples.
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

    /// - Returns: `nil` if the kernel, the machine or the user's rights don't allow it; the log says why.
    /// - Throws: if what was asked for makes no sense, or goes against what runs.
    static func begin(
        settings: Settings, cgroup path: String?, pinDirectory pins: String, logger: Logger
    ) throws(BPFError) -> ServerHandover? {
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
                    logger.warning("this is the root cgroup: all TCP connections of the machine are decided on")
                }
            }
            return ServerHandover(try Handover(pinDirectory: pins), pinDirectory: pins, logger: logger)
        } catch {
            logger.warning("serving without handover: \(error)", metadata: verifierLog(of: error))
            return nil
        }
    }

    /// The verifier's whole log, if `BATON_DEBUG` asks for it.
    private static func verifierLog(of error: BPFError) -> Logger.Metadata {
        guard CommandFailure.isDebugging, let log = error.log else { return [:] }
        return ["log": "\(log)"]
    }

    private static func runningStatus(_ pins: String) -> Status? {
        do throws(BPFError) { return try Handover(pinDirectory: pins).status() } catch { return nil }
    }

    /// One that a server attached which is no more: it is mended by taking it over.
    private static func isOrphan(_ status: Status) -> Bool {
        status.owner != 0 && status.owner != getpid() && kill(status.owner, 0) != 0 && errno == ESRCH
    }

    /// A server never takes away what somebody else attached for another cgroup, or otherwise.
    private static func demandFit(
        _ running: Status, _ settings: Settings, _ wanted: Cgroup?, _ pins: String
    ) throws(BPFError) {
        guard let cgroup = running.cgroup, !isOrphan(running) else { return }
        let own = wanted?.path ?? Mounts.ownCgroup ?? "/"
        guard own == cgroup || own.hasPrefix(cgroup + "/") else {
            throw BPFError(
                .mismatch, "attaching the handover to \(own)", reason: "one runs at \(pins) for \(cgroup)",
                remedy: "give another --pin-directory, or 'baton detach' first")
        }
        guard settings == Settings() || settings == running.settings else {
            throw BPFError(
                .mismatch, "serving with these settings", reason: "the handover that runs at \(pins) has others",
                remedy: "see 'baton status'; leave the options out, or give another --pin-directory")
        }
    }

    func record(_ sample: TransportSample) {
        guard let recorder = current.withLock({ $0?.recorder }), let sample = QUICSample(sample) else { return }
        do throws(BPFError) { try recorder.record(sample) } catch {
            logger.warning("saving failed: \(error)", metadata: ["peer": "\(sample.endpoint)"])
        }
    }

    /// Notices when the handover is detached under the server, or attached anew: then other maps are to be written.
    func keepCurrent() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let isCurrent = current.withLock { $0?.handover.isCurrent ?? false }
            if isCurrent { continue }
            do throws(BPFError) {
                let handover = try Handover(pinDirectory: pinDirectory)
                current.withLock { $0 = (handover, SampleRecorder(handover)) }
                logger.info("using the handover that was attached anew")
            } catch {
                let wasThere = current.withLock { current in
                    defer { current = nil }
                    return current != nil
                }
                if wasThere {
                    logger.warning("the handover was detached; serving without it until there is one again")
                }
            }
        }
    }

    /// Takes along what was attached for this server, unless somebody made it theirs meanwhile.
    func end() {
        guard ServerHandover.runningStatus(pinDirectory)?.owner == getpid() else { return }
        do throws(BPFError) { try Handover.detach(pinDirectory: pinDirectory) } catch {
            logger.warning("detaching failed: \(error)")
        }
    }
}
