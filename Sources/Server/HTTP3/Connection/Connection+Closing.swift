// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore

extension Connection {
    /// Sends CONNECTION_CLOSE and enters the closing period (RFC 9000, section 10.2.1).
    func close(_ error: ngtcp2_ccerr, reason: TransportSample.CloseReason) {
        guard phase == .open, let transport else { return }
        var error = error
        var info = ngtcp2_pkt_info()
        let space = endpoint.sendBuffer
        let count = ngtcp2_conn_write_connection_close_versioned(
            transport, endpoint.packetPath.path, NGTCP2_PKT_INFO_VERSION, &info,
            space.baseAddress?.assumingMemoryBound(to: UInt8.self),
            ngtcp2_conn_get_path_max_tx_udp_payload_size(transport), &error, MonotonicClock.now())
        guard count > 0 else { return finish(reason) }
        let packet = UnsafeRawBufferPointer(rebasing: space[0..<Int(count)])
        closePacket = ByteBuffer(bytes: packet)
        path.copy(from: endpoint.packetPath)
        endpoint.send(packet, segmentBytes: packet.count, on: endpoint.packetPath)
        finish(reason, lingering: true)
    }

    /// Closes with an HTTP/3 error code.
    func close(code: Int32, reason: TransportSample.CloseReason) {
        var error = ngtcp2_ccerr()
        ngtcp2_ccerr_set_application_error(&error, UInt64(code), nil, 0)
        close(error, reason: reason)
    }

    /// Ends everything that the connection does and frees what it held.
    ///
    /// The endpoint keeps its IDs for three more probe timeouts, so that late packets don't open a new connection.
    func finish(_ reason: TransportSample.CloseReason, lingering: Bool = false) {
        guard phase == .open else { return }
        // If the close arrived with other packets, what those brought has not been observed yet.
        if let transport { observe(transport) }
        let time = MonotonicClock.now()
        publish(.closed(reason), reason: .closed, at: time)
        phase = lingering ? .closing : .over
        var probeTimeout: UInt64 = 0
        if let transport { probeTimeout = ngtcp2_conn_get_pto(transport) }
        for stream in streams.values { stream.abandon(.connectionClosed) }
        if let http { nghttp3_conn_del(http) }
        if let transport { ngtcp2_conn_del(transport) }
        http = nil
        transport = nil
        session = nil
        for stream in streams.values { stream.release() }
        streams = [:]
        handshakeCompleted()
        endpoint.ended(self)
        setTimer(at: time + 3 * min(probeTimeout, 1_000_000_000))
    }

    /// Repeats the close for a peer that still sends: for its 1st packet, its 2nd, its 4th, and so on.
    func repeatClose() {
        guard let closePacket else { return }
        packetsSinceClose += 1
        guard packetsSinceClose.nonzeroBitCount == 1 else { return }
        closePacket.withUnsafeReadableBytes { endpoint.send($0, segmentBytes: $0.count, on: path) }
    }
}

extension Connection {
    /// Sends GOAWAY (RFC 9114, section 5.2) twice: first to announce the shutdown, then, once requests in flight have
    /// had time to arrive, with the last request that is served.
    func beginShutdown() {
        guard phase == .open, shutdownStage == .none else { return }
        shutdownStage = .noticed
        guard let http, let transport, isHandshakeComplete else {
            return close(code: NGHTTP3_H3_NO_ERROR, reason: .normal)
        }
        _ = nghttp3_conn_submit_shutdown_notice(http)
        scheduleWrite()
        let wait = min(ngtcp2_conn_get_pto(transport), 1_000_000_000)
        eventLoop.scheduleTask(in: .nanoseconds(Int64(wait))) { [self] in
            guard phase == .open, let http = self.http else { return }
            shutdownStage = .final
            _ = nghttp3_conn_shutdown(http)
            scheduleWrite()
        }
    }

    /// Closes a connection that is shutting down and has no streams left.
    func closeIfShutDown() {
        guard phase == .open, shutdownStage == .final, streams.isEmpty else { return }
        close(code: NGHTTP3_H3_NO_ERROR, reason: .normal)
    }
}
