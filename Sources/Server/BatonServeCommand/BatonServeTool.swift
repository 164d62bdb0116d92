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
        commandName: name,
        abstract: "Serve files over HTTP/1.1, HTTP/2 and HTTP/3 on one port, with the handover attached.",
        discussion: """
            If a handover is already attached and covers this process, the server uses it and leaves it attached. \
            Otherwise the server attaches one to its own cgroup and detaches it at the end. It takes over a handover \
            that a killed server left behind. Where BPF is unavailable, it serves without handover; the log says why.

            With --json, stdout gets one line when the server is ready and two for each TCP connection: 'accepted' \
            before the first data, and 'closed'. A reader that stops reading loses lines, never requests; a line \
            'lost' says how many.

            \(CommandMain.exitStatuses)
            """,
        version: BatonVersion.current)

    private static let name = "baton-serve"

    static func main() async { await CommandMain.run(BatonServeTool.self, name: name) }

    @Option(help: "The directory to serve.")
    var root: String

    @Option(help: "The server's certificate chain, a PEM file.")
    var certificate: String

    @Option(help: "The certificate's private key, a PEM file.")
    var key: String

    @Option(
        help: ArgumentHelp(
            "Address and port to listen on, for TCP and UDP; default: \(ListenAddress.standard).",
            valueName: "address:port"),
        transform: readListenAddress)
    var listen = ListenAddress.standard

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Close a QUIC connection after this time without a packet, 100ms to 600s; it bounds how long clients use a dead "
                + "path. Default: 5s.", valueName: "time"),
        transform: readIdleTimeout)
    var idleTimeout = Duration.seconds(5)

    @Option(help: "The cgroup2 directory to attach to; default: this process's own.")
    var cgroup: String?

    @Flag(help: "Serve without handover.")
    var noHandover = false

    @OptionGroup var handover: HandoverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let log = LogStream()
        LoggingSystem.bootstrap { StreamLogHandler(label: $0, stream: log) }
        let logger = Logger(label: "baton")
        let output = ServeOutput(isJSON: common.json, logger: logger)
        var failure: (any Error)?
        do { try await serve(output, log, logger) } catch { failure = error }
        let end = output.finish()
        log.flush()
        if case .failed(let error) = end { failure = failure ?? error }
        guard let failure else { return }
        if case .written = end { throw failure }
        // As JSON on stdout nobody would see it, or it would wait for the reader.
        CommandFailure(failure, usage: nil).report(as: Self.name, asJSON: false)
    }

    private func serve(_ output: ServeOutput, _ log: LogStream, _ logger: Logger) async throws {
        var configuration = ServeConfiguration(
            root: root, certificatePath: certificate, keyPath: key, listen: listen)
        configuration.idleTimeout = idleTimeout
        // Files are checked first, so that nothing is attached if one of them can't be used.
        _ = try Server(configuration: configuration, logger: logger)

        var serverHandover: ServerHandover?
        var obstacle: CommandFailure?
        if !noHandover {
            switch try ServerHandover.begin(
                settings: handover.settings, cgroup: cgroup, pinDirectory: common.pinDirectory, logger: logger)
            {
            case .attached(let attached): serverHandover = attached
            case .unavailable(let error): obstacle = CommandFailure(error, usage: nil)
            }
        }
        let keepingCurrent = Task { [serverHandover] in await serverHandover?.keepCurrent() }
        defer {
            keepingCurrent.cancel()
            serverHandover?.end()
        }
        let server = try Server(
            configuration: configuration, logger: logger, transportObserver: serverHandover.map { $0.record },
            acceptedConnectionObserver: common.json ? output.accepted : nil,
            closedConnectionObserver: common.json ? output.closed : nil)
        let address = listen.address
        let isHandoverOn = serverHandover != nil
        let detail = obstacle?.detail
        // Whoever waits for the ready line finds in the log why there is no handover.
        log.flush()
        try await server.run { port in
            output.ready(address: address, port: port, handover: isHandoverOn, error: detail)
            logger.info("serving", metadata: ["port": "\(port)", "handover": "\(isHandoverOn)"])
        }
    }
}

private func readListenAddress(_ text: String) throws -> ListenAddress {
    do { return try ListenAddress(text) } catch { throw ValidationError(error.description) }
}

private func readIdleTimeout(_ text: String) throws -> Duration {
    guard let duration = Duration(text: text), (.milliseconds(100) ... .seconds(600)).contains(duration) else {
        throw ValidationError("expected a time from 100ms to 600s, such as 5s")
    }
    return duration
}

/// A server that can't start is an error of configuration: a file, a directory, an address or a port.
extension ServeError: CommandError {
    package var failureKind: FailureKind { .configuration }
}
