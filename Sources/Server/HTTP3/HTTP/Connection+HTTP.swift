// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// HTTP/3 on top of the transport: handles nghttp3's callbacks and the responses of responders.
extension Connection {
    /// Sets up HTTP/3 with its three unidirectional streams (RFC 9114, section 6.2). Returns false if that fails.
    func startHTTP() -> Bool {
        guard http == nil, let transport else { return http != nil }
        var settings = nghttp3_settings()
        nghttp3_settings_default_versioned(NGHTTP3_SETTINGS_VERSION, &settings)
        settings.qpack_max_dtable_capacity = 4096
        settings.qpack_blocked_streams = 100
        settings.max_field_section_size = UInt64(endpoint.configuration.maximumHeadBytes)
        let data = Unmanaged.passUnretained(self).toOpaque()
        guard
            nghttp3_conn_server_new_versioned(
                &http, NGHTTP3_CALLBACKS_VERSION, HTTPCallbacks.table, NGHTTP3_SETTINGS_VERSION, &settings,
                nghttp3_mem_default(), data) == 0,
            let http
        else { return false }
        nghttp3_conn_set_max_client_streams_bidi(http, endpoint.configuration.maximumConcurrentStreams)
        var control: Int64 = 0
        var encoder: Int64 = 0
        var decoder: Int64 = 0
        return ngtcp2_conn_open_uni_stream(transport, &control, nil) == 0
            && ngtcp2_conn_open_uni_stream(transport, &encoder, nil) == 0
            && ngtcp2_conn_open_uni_stream(transport, &decoder, nil) == 0
            && nghttp3_conn_bind_control_stream(http, control) == 0
            && nghttp3_conn_bind_qpack_streams(http, encoder, decoder) == 0
    }

    func beganHead(on id: Int64) {
        let eventLoop = eventLoop
        let inbound = InboundBody { [self] count in
            eventLoop.execute {
                self.openWindows(by: count, on: id)
                self.scheduleWrite()
            }
        }
        let outbound = OutboundBody(limit: endpoint.configuration.writeBufferBytes) { [self] in
            eventLoop.execute { self.resume(id) }
        }
        streams[id] = RequestStream(id: id, inbound: inbound, outbound: outbound)
    }

    func receivedField(token: Int32, name: nghttp3_vec, value: nghttp3_vec, on id: Int64) {
        guard let stream = streams[id], stream.head.byteCount <= endpoint.configuration.maximumHeadBytes else { return }
        stream.head.append(token: token, name: name, value: value)
    }

    /// The head is complete: starts the responder.
    func endedHead(on id: Int64) {
        guard let stream = streams[id] else { return }
        let handler: RequestHandler
        let head: HTTPRequest
        if stream.head.byteCount > endpoint.configuration.maximumHeadBytes {
            head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: nil)
            handler = { _, _ in Response(status: .requestHeaderFieldsTooLarge) }
        } else if let request = stream.head.request {
            head = request
            handler = endpoint.handler
        } else {
            head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: nil)
            handler = { _, _ in Response(status: .badRequest) }
        }
        stream.head = RequestHead()
        var logger = endpoint.logger
        logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
        let job = ResponseJob(
            connection: self,
            request: Request(head: head, body: RequestBody(asyncSequence: stream.inbound)),
            source: HTTP3RequestSource(
                connection: number, stream: id, remoteAddress: remoteAddress ?? endpoint.localAddress, logger: logger),
            outbound: stream.outbound,
            handler: handler)
        endpoint.runningJobs += 1
        stream.task = Task { await job.run() }
    }

    func receivedBody(_ bytes: UnsafeRawBufferPointer, on id: Int64) {
        if let stream = streams[id], !stream.ignoresInput {
            stream.inbound.append(bytes)
        } else {
            openWindows(by: bytes.count, on: id)
        }
    }

    func endedRequest(on id: Int64) {
        streams[id]?.isInputComplete = true
        streams[id]?.inbound.end()
    }

    /// Fills `vectors` for nghttp3. Returns their number or nghttp3's error code.
    func nextBody(on id: Int64, into vectors: UnsafeMutableBufferPointer<nghttp3_vec>, flags: inout UInt32)
        -> nghttp3_ssize
    {
        guard let stream = streams[id] else { return nghttp3_ssize(NGHTTP3_ERR_CALLBACK_FAILURE) }
        var trailers: HTTPFields?
        var isLast = false
        let next = stream.next(vectors) {
            trailers = $0
            isLast = true
        }
        if isLast {
            flags |= UInt32(NGHTTP3_DATA_FLAG_EOF)
            if let trailers {
                flags |= UInt32(NGHTTP3_DATA_FLAG_NO_END_STREAM)
                var block = FieldBlock(trailers)
                _ = block.withFields { nghttp3_conn_submit_trailers(http, id, $0.baseAddress, $0.count) }
            }
        }
        switch next {
        case .vectors(let count): return nghttp3_ssize(count)
        case .nothingYet: return nghttp3_ssize(NGHTTP3_ERR_WOULDBLOCK)
        }
    }

    func acknowledgedBody(_ count: UInt64, on id: Int64) { streams[id]?.acknowledge(Int(clamping: count)) }

    func stopReading(_ id: Int64, code: UInt64) -> Bool {
        guard let transport else { return true }
        return ngtcp2_conn_shutdown_stream_read(transport, 0, id, code) == 0
    }

    func stopWriting(_ id: Int64, code: UInt64) -> Bool {
        guard let transport else { return true }
        streams[id]?.wasReset = true
        return ngtcp2_conn_shutdown_stream_write(transport, 0, id, code) == 0
    }

    /// The responder has written more of the body.
    private func resume(_ id: Int64) {
        guard let http, streams[id] != nil else { return }
        nghttp3_conn_resume_stream(http, id)
        scheduleWrite()
    }

    /// Sends the head of a response. From any thread.
    func submit(_ head: HTTPResponse, on id: Int64, withBody: Bool) {
        eventLoop.execute { [self] in
            guard let http, let stream = streams[id], !stream.wasReset else { return }
            var block = FieldBlock(head)
            var reader = HTTPCallbacks.dataReader
            let status = block.withFields { fields in
                withBody
                    ? nghttp3_conn_submit_response(http, id, fields.baseAddress, fields.count, &reader)
                    : nghttp3_conn_submit_response(http, id, fields.baseAddress, fields.count, nil)
            }
            if status != 0 {
                logger.debug("A response was refused: \(String(cString: nghttp3_strerror(status)))")
                _ = stopWriting(id, code: UInt64(NGHTTP3_H3_INTERNAL_ERROR))
            }
            scheduleWrite()
        }
    }

    /// The responder has ended. From any thread.
    ///
    /// The rest of the request is not wanted any more (RFC 9114, section 4.1.1).
    func responded(on id: Int64, isComplete: Bool) {
        eventLoop.execute { [self] in
            defer { endpoint.jobEnded() }
            guard let transport, let http, let stream = streams[id] else { return }
            if !isComplete, !stream.wasReset {
                _ = stopWriting(id, code: UInt64(NGHTTP3_H3_INTERNAL_ERROR))
                nghttp3_conn_shutdown_stream_write(http, id)
            }
            stream.ignoresInput = true
            openWindows(by: stream.inbound.fail(.cancelled), on: id)
            if !stream.isInputComplete {
                _ = ngtcp2_conn_shutdown_stream_read(transport, 0, id, UInt64(NGHTTP3_H3_NO_ERROR))
            }
            scheduleWrite()
        }
    }

    /// Lets the client send this many more bytes.
    func openWindows(by count: Int, on id: Int64) {
        guard let transport, count > 0 else { return }
        ngtcp2_conn_extend_max_stream_offset(transport, id, UInt64(count))
        ngtcp2_conn_extend_max_offset(transport, UInt64(count))
    }
}
