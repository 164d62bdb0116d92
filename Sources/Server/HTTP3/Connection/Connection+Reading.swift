// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Logging
import NIOCore

extension Connection {
    /// Reads one datagram. Packets in response leave when the endpoint flushes next.
    func receive(_ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress) {
        switch phase {
        case .open: break
        case .closing: return repeatClose()
        case .over: return
        }
        guard let transport else { return }
        let time = MonotonicClock.now()
        path.set(local: local, remote: remote)
        var info = ngtcp2_pkt_info()
        let authenticated = AuthenticatedPackets.count
        let status = ngtcp2_conn_read_pkt_versioned(
            transport, path.path, NGTCP2_PKT_INFO_VERSION, &info,
            datagram.baseAddress?.assumingMemoryBound(to: UInt8.self), datagram.count, time)
        if AuthenticatedPackets.count != authenticated, monitor.heard(at: time) {
            hasRecovered = true
        }
        guard status != 0 else { return scheduleWrite() }
        fail(status)
    }

    /// Ends the connection as an error of ngtcp2 requires.
    func fail(_ status: CInt) {
        guard let transport else { return }
        switch status {
        case NGTCP2_ERR_DRAINING: drain()
        case NGTCP2_ERR_IDLE_CLOSE: finish(.idleTimeout)
        case NGTCP2_ERR_DROP_CONN, NGTCP2_ERR_HANDSHAKE_TIMEOUT, NGTCP2_ERR_CLOSING, NGTCP2_ERR_RETRY: finish(.error)
        default:
            logger.debug("QUIC connection \(number): \(String(cString: ngtcp2_strerror(status)))")
            var error = ngtcp2_ccerr()
            ngtcp2_ccerr_default(&error)
            if status == NGTCP2_ERR_CRYPTO {
                ngtcp2_ccerr_set_tls_alert(&error, ngtcp2_conn_get_tls_alert(transport), nil, 0)
            } else if let applicationError {
                ngtcp2_ccerr_set_application_error(&error, applicationError, nil, 0)
            } else {
                ngtcp2_ccerr_set_liberr(&error, status, nil, 0)
            }
            close(error, reason: .error)
        }
    }

    /// The peer has closed.
    private func drain() {
        guard let transport, let error = ngtcp2_conn_get_ccerr(transport) else { return finish(.error) }
        let isNormal =
            switch error.pointee.type {
            case NGTCP2_CCERR_TYPE_TRANSPORT: error.pointee.error_code == UInt64(NGTCP2_NO_ERROR)
            case NGTCP2_CCERR_TYPE_APPLICATION: error.pointee.error_code == UInt64(NGHTTP3_H3_NO_ERROR)
            default: false
            }
        finish(isNormal ? .normal : .error)
    }
}
