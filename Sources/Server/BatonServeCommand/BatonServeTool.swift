// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
package import BatonCommandLine
package import BatonServe
import HTTP3Handover
import Logging

/// `baton-serve`, which `baton serve` runs.
@main
struct BatonServeTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton-serve",
        abstract: "Serve files over HTTP/1.1, 2 and 3 on one port, with the handover on.",
        discussion: """
            A handover that is attached already, and covers this process, is used and stays. Otherwise one is attached to \
            this process's cgroup and ends with it; also one that an ended server left. Where BPF is not to be had, files \
            are served without it.

            \(CommandMain.exitStatuses)
            """,
        version: BatonVersion.current)

    static func main() async { await CommandMain.run(BatonServeTool.self, name: "baton-serve") }

    @Option(help: "The directory to serve.")
    var root: String

    @Option(help: "The server's certificate chain, PEM.")
    var certificate: String

    @Option(help: "The certificate's private key, PEM.")
    var key: String

    @Option(help: "Address and port to listen at, for TCP and UDP.", transform: readListenAddress)
    var listen = ListenAddress.standard

    @Option(
        parsing: .unconditional,
        help: "QUIC connections end when nothing was heard for so long: so soon clients give up on a dead path.",
        transform: readIdleTimeout)
    var idleTimeout = Duration.seconds(5)

    @Option(help: "The cgroup2 to attach to, rather than this process's own.")
    var cgroup: String?

    @Flag(help: "Serve without handover.")
    var noHandover = false

    @OptionGroup var handover: HandoverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let logger = Logger(label: "baton")
        var configuration = ServeConfiguration(
            root: root, certificatePath: certificate, keyPath: key, listen: listen)
        configuration.idleTimeout = idleTimeout
        // Files first: with a bad one nothing is attached.
        _ = try Server(configuration: configuration, logger: logger)

        let serverHandover =
            try noHandover
            ? nil
            : ServerHandover.begin(
                settings: handover.settings, cgroup: cgroup, pinDirectory: common.pinDirectory, logger: logger)
        let tending = Task { await serverHandover?.keepCurrent() }
        defer {
            tending.cancel()
            serverHandover?.end()
        }
        let output = ServeOutput(isJSON: common.json, logger: logger)
        defer { output.flush() }
        let server = try Server(
            configuration: configuration, logger: logger, transportObserver: serverHandover.map { $0.record },
            acceptedConnectionObserver: common.json ? output.accepted : nil,
            closedConnectionObserver: common.json ? output.closed : nil)
        let address = listen.address
        let isHandoverOn = serverHandover != nil
        try await server.run { port in
            output.ready(address: address, port: port, handover: isHandoverOn)
            logger.info("serving", metadata: ["port": "\(port)", "handover": "\(isHandoverOn)"])
        }
    }
}

private func readListenAddress(_ text: String) throws -> ListenAddress {
    do { return try ListenAddress(text) } catch { throw ValidationError(error.description) }
}

private func readIdleTimeout(_ text: String) throws -> Duration {
    guard let duration = Duration(text: text), (.milliseconds(100) ... .seconds(600)).contains(duration) else {
        throw ValidationError("expected a time from 100ms to 600s, as 5s")
    }
    return duration
}

/// Why files can't be served, in the terms of the command line.
extension ServeError: CommandError {
    package var failureKind: FailureKind { .configuration }
}
