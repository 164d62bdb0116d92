// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BatonServe
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve files over HTTP/1.1, 2 and 3 on one port, with the hand-over on.",
        discussion: """
            A hand-over that is attached already, and covers this process, is used and stays. Otherwise one is attached to \
            this process's cgroup and ends with it; also one that an ended server left. Where BPF is not to be had, files \
            are served without it.
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
        let tending = Task { await saving?.keepCurrent() }
        defer {
            tending.cancel()
            saving?.end()
        }
        let output = ServeOutput(isJSON: common.json)
        let server = try Server(
            configuration: configuration, logger: logger, transportObserver: saving.map { $0.record },
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
