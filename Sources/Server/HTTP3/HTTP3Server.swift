// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
public import Logging
public import NIOCore
public import NIOPosix
public import ServiceLifecycle

/// An HTTP/3 server (RFC 9114). It takes the same responder as Hummingbird's servers of HTTP/1.1 and HTTP/2.
///
/// ```swift
/// let server = try HTTP3Server(configuration: configuration, responder: responder, logger: logger) { source in
///     MyContext(source: source)
/// }
/// try await server.run()      // until the service group it runs in shuts down
/// ```
/// ``init(configuration:responder:eventLoopGroup:observer:logger:context:)`` binds the UDP socket, so that a port in
/// use is an error before anything else starts. The socket is closed when ``run()`` returns or the server is dropped.
public final class HTTP3Server: Service {
    /// Where the server listens, with the port that the system chose if none was asked for.
    public let localAddress: SocketAddress

    private let socket: SocketOwner
    private let configuration: HTTP3Configuration
    private let handler: RequestHandler
    private let eventLoop: any EventLoop
    private let observer: (@Sendable (TransportSample) -> Void)?
    private let logger: Logger

    /// Binds the socket.
    ///
    /// - Parameters:
    ///   - configuration: where and how to serve.
    ///   - responder: responds to requests.
    ///   - eventLoopGroup: one of its event loops serves all connections.
    ///   - observer: is called with samples of each connection's transport state, on the event loop: it must not block.
    ///   - logger: gets what happens to connections, at level debug.
    ///   - context: makes the responder's context for a request.
    /// - Throws: ``HTTP3Error`` with code `bind` or `system`.
    public init<Responder: HTTPResponder>(
        configuration: HTTP3Configuration,
        responder: Responder,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        observer: (@Sendable (TransportSample) -> Void)? = nil,
        logger: Logger,
        context: @escaping @Sendable (HTTP3RequestSource) -> Responder.Context
    ) throws(HTTP3Error) {
        let socket = try SocketOwner(DatagramSocket(bindingTo: configuration.address))
        self.socket = socket
        localAddress = socket.address
        self.configuration = configuration
        self.eventLoop = eventLoopGroup.next()
        self.observer = observer
        self.logger = logger
        handler = { request, source in try await responder.respond(to: request, context: context(source)) }
    }

    /// Serves until the task is cancelled, which closes connections at once, or until a graceful shutdown, which waits
    /// for requests in flight.
    public func run() async throws {
        guard let socket = socket.take() else { return }
        let endpoint = Endpoint(
            socket: socket, configuration: configuration, eventLoop: eventLoop, handler: handler, observer: observer,
            logger: logger)
        do {
            try await listen(endpoint, on: socket)
        } catch {
            endpoint.eventLoop.execute { endpoint.channelClosed() }
            throw error
        }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await endpoint.closed.get()
            } onGracefulShutdown: {
                endpoint.eventLoop.execute { endpoint.shutDown() }
            }
        } onCancel: {
            endpoint.eventLoop.execute { endpoint.closeNow() }
        }
    }

    private func listen(_ endpoint: Endpoint, on socket: DatagramSocket) async throws {
        // Room for 8 datagrams of the largest size to which the kernel joins them.
        let reads = 8
        _ = try await DatagramBootstrap(group: eventLoop)
            .channelOption(.datagramVectorReadMessageCount, value: reads)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: reads << 16))
            .channelOption(.maxMessagesPerRead, value: 16)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    endpoint.attach(channel)
                    if socket.address.isWildcard {
                        try channel.syncOptions?.setOption(.receivePacketInfo, value: true)
                    }
                    if System.supportsUDPReceiveOffload {
                        try channel.syncOptions?.setOption(.datagramReceiveOffload, value: true)
                        try channel.syncOptions?.setOption(.datagramReceiveSegmentSize, value: true)
                    }
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(endpoint: endpoint))
                }
            }
            .withBoundSocket(socket.descriptor)
            .get()
    }
}

/// Where an HTTP/3 request came from. A responder's context is made from it.
public struct HTTP3RequestSource: RequestContextSource, Sendable {
    /// The connection's number, as in ``TransportSample/connection``.
    public let connection: UInt64
    /// The QUIC stream that carries the request.
    public let stream: Int64
    /// The client's address when the request arrived.
    public let remoteAddress: SocketAddress
    /// The logger for this request.
    public let logger: Logger
}
