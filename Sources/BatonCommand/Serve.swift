// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonServe
import HTTP3
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve files over HTTP/1.1, 2 and 3 on one port, with the hand-over on.",
        discussion: """
            A hand-over that is attached already, and covers this process, is used and stays. Otherwise one is attached to \
            this process's cgroup and ends with it. Where BPF is not to be had, files are served without it.
            """)

    @Option(help: "The directory to serve.")
    var root: String

    @Option(help: "The server's certificate chain, PEM.")
    var certificate: String

    @Option(help: "The certificate's private key, PEM.")
    var key: String

    @Option(help: "Address and port to listen at, for TCP and UDP.", transform: Read.listenAddress)
    var listen = ListenAddress.standard

    @Option(
        parsing: .unconditional,
        help: "QUIC connections end when nothing was heard for so long: so soon clients give up on a dead path.",
        transform: Read.idleTimeout)
    var idleTimeout = Duration.seconds(5)

    @Option(help: "The cgroup2 to attach to, rather than this process's own.")
    var cgroup: String?

    @Flag(help: "Serve without hand-over.")
    var noHandover = false

    @OptionGroup var handOver: HandOverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let logger = Logger(label: "baton")
        var configuration = ServeConfiguration(
            root: root, certificatePath: certificate, keyPath: key, listen: listen)
        configuration.idleTimeout = idleTimeout
        // Files first: with a bad one nothing is attached.
        _ = try Server(configuration: configuration, logger: logger)

        let saving = try noHandover ? nil : Saving.begin(self, logger: logger)
        defer { saving?.end(logger: logger) }
        let output = ServeOutput(isJSON: common.json)
        let server = try Server(
            configuration: configuration, logger: logger, transportObserver: observer(saving, logger),
            acceptedConnectionObserver: common.json ? output.accepted : nil,
            closedConnectionObserver: common.json ? output.closed : nil)
        let address = listen.address
        let isHandOverOn = saving != nil
        try await server.run { port in
            output.ready(address: address, port: port, handover: isHandOverOn)
            logger.info("serving", metadata: ["port": "\(port)", "handover": "\(isHandOverOn)"])
        }
    }
}

private func observer(_ saving: Saving?, _ logger: Logger) -> (@Sendable (TransportSample) -> Void)? {
    guard let saving else { return nil }
    return { saving.record($0, logger: logger) }
}

/// The hand-over's side of a server: attached for as long as the server runs, fed with its samples.
struct Saving: Sendable {
    private let recorder: SampleRecorder
    private let pinDirectory: String
    /// Whether it was attached for this server, and goes with it.
    private let isOwn: Bool

    /// - Returns: `nil` if the kernel, the machine or the user's rights don't allow it; the log says why.
    /// - Throws: if what was asked for makes no sense.
    static func begin(_ command: Serve, logger: Logger) throws(BPFError) -> Saving? {
        let pins = command.common.pinDirectory
        do throws(BPFError) {
            let isOwn = try !isCovered(command, pins)
            if isOwn {
                guard let path = command.cgroup ?? Mounts.ownCgroup else {
                    throw BPFError(
                        .unsupported, "attaching the hand-over", reason: "no cgroup2 is mounted",
                        remedy: "mount -t cgroup2 none /sys/fs/cgroup")
                }
                try HandOver.attach(
                    to: try Cgroup(path: path), settings: command.handOver.settings, pinDirectory: pins)
                logger.info("hand-over attached", metadata: ["cgroup": "\(path)", "pins": "\(pins)"])
            } else {
                logger.info("using the hand-over that is attached", metadata: ["pins": "\(pins)"])
            }
            return Saving(
                recorder: SampleRecorder(try HandOver(pinDirectory: pins)), pinDirectory: pins, isOwn: isOwn)
        } catch {
            switch error.code {
            case .invalid, .mismatch, .notFound: throw error
            case .permission, .unsupported, .verifier, .system:
                logger.warning("serving without hand-over: \(error)")
                return nil
            }
        }
    }

    /// Whether a hand-over runs that sees this process's connections. One that a crashed server left, on a cgroup that is
    /// gone or another, doesn't.
    private static func isCovered(_ command: Serve, _ pins: String) throws(BPFError) -> Bool {
        guard command.cgroup == nil, Pin.exists(pins + "/links/resume"), let own = Mounts.ownCgroup else {
            return false
        }
        guard let attached = try HandOver(pinDirectory: pins).status().cgroup else { return false }
        return own == attached || own.hasPrefix(attached + "/")
    }

    func record(_ sample: TransportSample, logger: Logger) {
        guard let sample = QUICSample(sample) else { return }
        do throws(BPFError) { try recorder.record(sample) } catch {
            logger.warning("saving failed: \(error)", metadata: ["peer": "\(sample.endpoint)"])
        }
    }

    func end(logger: Logger) {
        guard isOwn else { return }
        do throws(BPFError) { try HandOver.detach(pinDirectory: pinDirectory) } catch {
            logger.warning("detaching failed: \(error)")
        }
    }
}
