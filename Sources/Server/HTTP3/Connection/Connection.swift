// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// One QUIC connection and the HTTP/3 on it.
///
/// It is `Sendable` because everything happens on the endpoint's event loop. Only ``submit(_:on:withBody:)`` and
/// ``responded(on:isComplete:)`` are called from other threads, and they switch to that event loop.
final class Connection: @unchecked Sendable {
    /// Where the connection is in its life.
    enum Phase {
        case open
        /// CONNECTION_CLOSE was sent, and is repeated if the peer still sends (RFC 9000, section 10.2.1).
        case closing
        /// The peer has closed or doesn't answer; nothing more is sent.
        case over
    }

    let endpoint: Endpoint
    /// Unique in this process.
    let number: UInt64
    let eventLoop: any EventLoop
    var phase = Phase.open
    /// `ngtcp2_conn`, while the phase is `open`.
    var transport: OpaquePointer?
    /// `nghttp3_conn`, from when the server may send application data.
    var http: OpaquePointer?
    var session: TLSSession?
    var streams: [Int64: RequestStream] = [:]
    /// The IDs by which the endpoint finds this connection.
    var ids: Set<ConnectionID> = []
    var monitor = TransportMonitor()
    var isHandshakeComplete = false
    /// Whether this connection is in the endpoint's list of connections that have to write.
    var awaitsWrite = false
    /// The HTTP/3 error that a callback found, for CONNECTION_CLOSE.
    var applicationError: UInt64?
    /// Whether the peer, having been silent, was heard again since the last sample.
    var hasRecovered = false
    /// Whether a response was delivered in full since the last sample.
    var endedResponse = false
    var shutdownStage = ShutdownStage.none
    var timer: NIOScheduledCallback?
    var timerDeadline = UInt64.max
    var closePacket: ByteBuffer?
    var packetsSinceClose = 0
    let path = PathStorage()

    enum ShutdownStage { case none, noticed, final }

    init(endpoint: Endpoint, number: UInt64) {
        self.endpoint = endpoint
        self.number = number
        self.eventLoop = endpoint.eventLoop
    }

    private static let lastNumber = NIOLockedValueBox<UInt64>(0)

    /// A number that no other connection in this process has.
    static func nextNumber() -> UInt64 {
        lastNumber.withLockedValue {
            $0 += 1
            return $0
        }
    }

    /// The connection that a callback's user data refers to.
    static func of(_ data: UnsafeMutableRawPointer?) -> Connection? {
        data.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }

    var logger: Logger { endpoint.logger }

    /// Sets up the connection for a client's first Initial packet. Returns false if the libraries refuse it.
    ///
    /// - Parameter retriedID: the connection ID that the client had chosen before it got a Retry.
    func open(_ header: ngtcp2_pkt_hd, retriedID: ngtcp2_cid?, local: SocketAddress, remote: SocketAddress) -> Bool {
        let configuration = endpoint.configuration
        path.set(local: local, remote: remote)
        var settings = Self.settings(configuration)
        var parameters = Self.parameters(configuration)
        if let retriedID {
            parameters.original_dcid = retriedID
            parameters.retry_scid = header.dcid
            parameters.retry_scid_present = 1
            settings.token = header.token
            settings.tokenlen = header.tokenlen
            settings.token_type = NGTCP2_TOKEN_TYPE_RETRY
        } else {
            parameters.original_dcid = header.dcid
        }
        parameters.original_dcid_present = 1
        var source = ngtcp2_cid.random()
        let hasToken = withUnsafeMutableBytes(of: &parameters.stateless_reset_token) { token in
            endpoint.resetToken(for: source, into: token.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        parameters.stateless_reset_token_present = hasToken ? 1 : 0
        // Until the client has learnt the server's ID, it uses its own first choice, or the random one of a Retry.
        for id in [source, header.dcid] { register(id) }

        let data = Unmanaged.passUnretained(self).toOpaque()
        var destination = header.scid
        guard
            ngtcp2_conn_server_new_versioned(
                &transport, &destination, &source, path.path, header.version, NGTCP2_CALLBACKS_VERSION,
                QUICCallbacks.table, NGTCP2_SETTINGS_VERSION, &settings, NGTCP2_TRANSPORT_PARAMS_VERSION, &parameters,
                nil, data) == 0,
            let transport,
            let session = TLSSession(
                credentials: configuration.credentials, connection: data,
                get: { Connection.of($0?.pointee.user_data)?.transport })
        else { return false }
        self.session = session
        ngtcp2_conn_set_tls_native_handle(transport, session.nativeHandle)
        return true
    }

    private static func settings(_ configuration: HTTP3Configuration) -> ngtcp2_settings {
        var settings = ngtcp2_settings()
        ngtcp2_settings_default_versioned(NGTCP2_SETTINGS_VERSION, &settings)
        settings.initial_ts = MonotonicClock.now()
        settings.cc_algo = NGTCP2_CC_ALGO_CUBIC
        settings.handshake_timeout = configuration.handshakeTimeout.nanoseconds
        settings.max_window = configuration.connectionWindowBytes.maximum
        settings.max_stream_window = configuration.streamWindowBytes.maximum
        return settings
    }

    private static func parameters(_ configuration: HTTP3Configuration) -> ngtcp2_transport_params {
        var parameters = ngtcp2_transport_params()
        ngtcp2_transport_params_default_versioned(NGTCP2_TRANSPORT_PARAMS_VERSION, &parameters)
        parameters.initial_max_streams_bidi = configuration.maximumConcurrentStreams
        // Control, QPACK encoder and decoder, and room for the reserved types that clients open to test servers.
        parameters.initial_max_streams_uni = 16
        parameters.initial_max_data = configuration.connectionWindowBytes.initial
        parameters.initial_max_stream_data_bidi_remote = configuration.streamWindowBytes.initial
        parameters.initial_max_stream_data_uni = 64 * 1024
        parameters.max_idle_timeout = configuration.idleTimeout.nanoseconds
        parameters.active_connection_id_limit = 7
        return parameters
    }

    /// Makes the endpoint pass packets for `cid` to this connection.
    func register(_ cid: ngtcp2_cid) {
        guard let id = ConnectionID(cid) else { return }
        ids.insert(id)
        endpoint.routes[id] = self
    }

    /// ngtcp2 issues a new connection ID. Returns false if no reset token can be made for it.
    func issued(_ cid: ngtcp2_cid, resetToken: UnsafeMutablePointer<UInt8>) -> Bool {
        guard endpoint.resetToken(for: cid, into: resetToken) else { return false }
        register(cid)
        return true
    }

    /// The peer will not use `cid` again.
    func retired(_ cid: ngtcp2_cid) {
        guard let id = ConnectionID(cid) else { return }
        ids.remove(id)
        endpoint.routes[id] = nil
    }

    func handshakeCompleted() {
        guard !isHandshakeComplete else { return }
        isHandshakeComplete = true
        endpoint.unfinishedHandshakes -= 1
    }
}
