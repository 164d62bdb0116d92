// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// Passes ngtcp2's events of streams on to nghttp3. Each function returns false if the connection must end.
extension Connection {
    func received(_ bytes: UnsafePointer<UInt8>?, count: Int, isLast: Bool, on id: Int64) -> Bool {
        guard let http else { return false }
        let consumed = nghttp3_conn_read_stream(http, id, bytes, count, isLast ? 1 : 0)
        guard consumed >= 0 else {
            applicationError = nghttp3_err_infer_quic_app_error_code(CInt(truncatingIfNeeded: consumed))
            return false
        }
        openWindows(by: Int(consumed), on: id)
        return true
    }

    func acknowledged(_ count: UInt64, on id: Int64) -> Bool {
        monitor.carried.acknowledge(count)
        guard let http else { return true }
        return succeeded(nghttp3_conn_add_ack_offset(http, id, count))
    }

    func unblocked(_ id: Int64) -> Bool {
        guard let http else { return true }
        return succeeded(nghttp3_conn_unblock_stream(http, id))
    }

    func inputReset(_ id: Int64) -> Bool {
        if let stream = streams[id] {
            stream.isInputComplete = true
            openWindows(by: stream.inbound.fail(.reset), on: id)
        }
        guard let http else { return true }
        return succeeded(nghttp3_conn_shutdown_stream_read(http, id))
    }

    /// The client sent STOP_SENDING: it does not want the response.
    func outputRefused(_ id: Int64) {
        guard let stream = streams[id] else { return }
        stream.wasReset = true
        stream.outbound.fail(.reset)
        stream.task?.cancel()
    }

    func closed(_ id: Int64, code: UInt64?) -> Bool {
        guard let transport else { return true }
        let isRequest = ngtcp2_is_bidi_stream(id) != 0
        if isRequest {
            ngtcp2_conn_extend_max_streams_bidi(transport, 1)
        } else if ngtcp2_conn_is_local_stream(transport, id) == 0 {
            ngtcp2_conn_extend_max_streams_uni(transport, 1)
        }
        if let http {
            let status = nghttp3_conn_close_stream(http, id, code ?? UInt64(NGHTTP3_H3_NO_ERROR))
            guard status == NGHTTP3_ERR_STREAM_NOT_FOUND || succeeded(status) else { return false }
        }
        guard let stream = streams.removeValue(forKey: id) else { return true }
        if stream.wasReset {
            openWindows(by: stream.abandon(.reset), on: id)
        } else if stream.task != nil {
            endedResponse = true
        }
        stream.release()
        return true
    }

    private func succeeded(_ status: CInt) -> Bool {
        guard status != 0 else { return true }
        applicationError = nghttp3_err_infer_quic_app_error_code(status)
        return false
    }
}
