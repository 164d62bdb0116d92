// SPDX-License-Identifier: Apache-2.0

import Glibc
public import HTTP3
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// A web server for static files: HTTP/1.1 and HTTP/2 over TCP and HTTP/3 over UDP, on one port number.
public struct Server: Sendable {
    private let configuration: ServeConfiguration
    private let files: StaticFiles
    private let credentials: Credentials
    private let logger: Logger
    private let transportObserver: (@Sendable (TransportSample) -> Void)?
    private let connectionObservers: ConnectionObserver.Observers

    /// Checks a configuration; nothing listens yet.
    ///
    /// - Parameters:
    ///   - configuration: what to serve.
    ///   - logger: gets the access log at level info, and what happens to connections at level debug.
    ///   - transportObserver: is called with samples of each HTTP/3 connection's transport state.
    ///   - acceptedConnectionObserver: is called for each TCP connection before anything is sent on it.
    ///   - closedConnectionObserver: is called for each TCP connection when it closes.
    /// - Throws: ``ServeError`` if a file or directory can't be used.
    ///
    /// The observers are called on event loops: they must not block.
    public init(
        configuration: ServeConfiguration,
        logger: Logger,
        transportObserver: (@Sendable (TransportSample) -> Void)? = nil,
        acceptedConnectionObserver: (@Sendable (AcceptedConnection) -> Void)? = nil,
        closedConnectionObserver: (@Sendable (ClosedConnection) -> Void)? = nil
    ) throws(ServeError) {
        self.configuration = configuration
        self.logger = logger
        self.transportObserver = transportObserver
        connectionObservers = .init(accepted: acceptedConnectionObserver, closed: closedConnectionObserver)
        files = try StaticFiles(root: configuration.root)
        credentials = try Credentials(
            certificatePath: configuration.certificatePath, keyPath: configuration.keyPath)
    }

    /// Serves until one of the configured signals arrives, the surrounding service group shuts down, or the task is
    /// cancelled. Responses in flight are finished first, unless the task is cancelled.
    ///
    /// - Parameter onReady: is called once, with the port, when both sockets are bound.
    /// - Throws: ``ServeError`` if the port is unavailable; nothing listens then.
    public func run(onReady: @escaping @Sendable (Int) -> Void = { _ in }) async throws(ServeError) {
        // A port that the system chose for UDP may be in use for TCP; then another one is tried.
        var attempts = configuration.listen.port == 0 ? 16 : 1
        while true {
            attempts -= 1
            do {
                return try await serve(onReady: onReady)
            } catch let error as ServeError {
                guard attempts > 0, error.errno == EADDRINUSE else { throw error }
            } catch is CancellationError {
                return
            } catch {
                throw ServeError(code: .system, description: "the server stopped: \(error)")
            }
        }
    }

    private func serve(onReady: @escaping @Sendable (Int) -> Void) async throws {
        var listen = configuration.listen
        // UDP first: its socket reserves the port, and nobody is served yet.
        let quic = try makeQUIC(listen)
        listen.port = quic.localAddress.port ?? listen.port
        let port = listen.port
        let connections = OpenConnections()
        let tcp = try makeTCP(listen, connections) { onReady(port) }
        var group = ServiceGroupConfiguration(
            services: [.init(service: Listeners(quic: quic, tcp: tcp, connections: connections))],
            gracefulShutdownSignals: configuration.stopSignals, logger: quietLogger)
        group.maximumGracefulShutdownDuration = configuration.shutdownTimeout
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw Self.bindError("TCP", listen, errno: error.errnoCode)
        }
    }

    /// Hides the libraries' messages about starting and stopping, but not warnings.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }

    private func makeQUIC(_ listen: ListenAddress) throws(ServeError) -> HTTP3Server {
        var http3 = HTTP3Configuration(address: try listen.socketAddress(), credentials: credentials.quic)
        http3.idleTimeout = configuration.idleTimeout
        http3.shutdownTimeout = configuration.shutdownTimeout
        let responder = AccessLog(next: files, logger: logger, alternativeService: nil)
        do {
            return try HTTP3Server(
                configuration: http3, responder: responder, observer: transportObserver, logger: logger,
                context: ServeContext.init)
        } catch {
            throw Self.bindError("UDP", listen, errno: error.errno)
        }
    }

    private func makeTCP(
        _ listen: ListenAddress, _ connections: OpenConnections, onReady: @escaping @Sendable () -> Void
    ) throws -> any Service {
        let lifetime = configuration.alternativeServiceLifetime.components.seconds
        let responder = AccessLog(
            next: files, logger: logger, alternativeService: "h3=\":\(listen.port)\"; ma=\(lifetime)")
        let logger = logger
        let channel = try HTTP2UpgradeChannel(
            tlsConfiguration: credentials.tcp,
            configuration: .init(
                idleTimeout: configuration.tcpIdleTimeout,
                gracefulCloseTimeout: configuration.shutdownTimeout,
                streamConfiguration: .init(
                    additionalChannelHandlers: [DrainBeforeClose()],
                    idleTimeout: .init(configuration.tcpIdleTimeout)))
        ) { request, writer, channel in
            let response = try await responder.respond(to: request, context: ServeContext(channel, logger: logger))
            try await writer.write(response: response.head, body: response.body)
        }
        return HummingbirdCore.Server(
            childChannelSetup: ObservedChannel(
                base: channel, observers: connectionObservers, connections: connections),
            configuration: .init(address: .hostname(listen.address, port: listen.port)),
            onServerRunning: { _ in onReady() },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quietLogger)
    }

    private static func bindError(_ transport: String, _ listen: ListenAddress, errno: CInt) -> ServeError {
        let remedy =
            switch errno {
            case EADDRINUSE: "another program listens there; stop it, or choose another port"
            case EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another port"
            case EADDRNOTAVAIL: "this machine has no such address; choose one that it has"
            default: "choose another address or port"
            }
        return ServeError(
            code: .bind, errno: errno,
            description: "\(transport) \(listen): \(String(cString: strerror(errno))); \(remedy)")
    }
}

/// Both listeners as one service, so that they stop at the same time rather than one after the other.
private struct Listeners: Service {
    let quic: HTTP3Server
    let tcp: any Service
    let connections: OpenConnections

    func run() async throws {
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await quic.run() }
                group.addTask { try await tcp.run() }
                // Not waitForAll(), which waits for the other listener before it throws.
                for try await _ in group {}
            }
        } onCancel: {
            connections.abort()
        }
    }
}
