// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

extension Connection {
    /// How many batches a connection may send before it is another connection's turn.
    private static let batchesPerTurn = 8

    /// Makes the endpoint call ``write()`` at its next flush.
    func scheduleWrite() {
        guard phase == .open, !awaitsWrite else { return }
        awaitsWrite = true
        endpoint.scheduleFlush(of: self)
    }

    /// Sends what congestion control, pacing and flow control allow, then sets the timer for the next expiry.
    func write() {
        awaitsWrite = false
        guard phase == .open, transport != nil else { return }
        var batches = 0
        sending: while let transport {
            guard !endpoint.isBlocked else {
                scheduleWrite()
                break
            }
            let time = MonotonicClock.now()
            let outcome = writeBatch(transport, at: time)
            guard outcome != .failed else { return }
            ngtcp2_conn_update_pkt_tx_time(transport, time)
            guard outcome == .more else { break }
            batches += 1
            // Pacing decides when the next batch may leave; at high rates that is now.
            guard ngtcp2_conn_get_expiry(transport) <= MonotonicClock.now() else { break }
            guard batches < Self.batchesPerTurn else {
                scheduleWrite()
                break sending
            }
            guard handleExpiry(transport) else { return }
        }
        guard let transport else { return }
        observe(transport)
        armTimer(transport)
        closeIfShutDown()
    }

    private enum BatchOutcome { case more, done, failed }

    /// Sends up to one send quantum as datagrams of one size; the last one may be shorter.
    private func writeBatch(_ transport: OpaquePointer, at time: UInt64) -> BatchOutcome {
        let buffer = endpoint.sendBuffer
        let maximum = ngtcp2_conn_get_max_tx_udp_payload_size(transport)
        let usual = ngtcp2_conn_get_path_max_tx_udp_payload_size(transport)
        let limit = min(max(ngtcp2_conn_get_send_quantum(transport), usual), DatagramSender.maximumBatchBytes)
        var used = 0
        var segment = 0
        var count = 0
        while true {
            // With more room than the path is known to carry, ngtcp2 can probe for a larger MTU.
            let room = limit - used >= maximum ? maximum : usual
            let written = writePacket(
                transport, into: UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + room]), at: time)
            guard written >= 0 else {
                fail(CInt(truncatingIfNeeded: written))
                return .failed
            }
            guard written > 0 else {
                flush(0..<used, segment: segment, on: endpoint.batchPath)
                return .done
            }
            monitor.sent(at: time)
            if count == 0 {
                endpoint.batchPath.copy(from: endpoint.packetPath)
                segment = written
            } else if written > segment || (segment > usual && written != segment)
                || !endpoint.batchPath.isEqual(to: endpoint.packetPath)
            {
                flush(0..<used, segment: segment, on: endpoint.batchPath)
                flush(used..<used + written, segment: written, on: endpoint.packetPath)
                return .more
            }
            used += written
            count += 1
            if written < segment || limit - used < usual || count == DatagramSender.maximumSegments {
                flush(0..<used, segment: segment, on: endpoint.batchPath)
                return .more
            }
        }
    }

    private func flush(_ range: Range<Int>, segment: Int, on path: PathStorage) {
        guard !range.isEmpty else { return }
        endpoint.send(UnsafeRawBufferPointer(rebasing: endpoint.sendBuffer[range]), segmentBytes: segment, on: path)
    }

    /// Writes one packet, with the data of as many streams as fit.
    ///
    /// - Returns: its size; 0 if there is nothing to send or nothing may be sent now; or ngtcp2's error.
    private func writePacket(
        _ transport: OpaquePointer, into space: UnsafeMutableRawBufferPointer, at time: UInt64
    ) -> Int {
        let vectors = endpoint.vectors
        var info = ngtcp2_pkt_info()
        while true {
            var stream: Int64 = -1
            var isLast: CInt = 0
            var count = 0
            if let http, ngtcp2_conn_get_max_data_left(transport) > 0 {
                let result = nghttp3_conn_writev_stream(http, &stream, &isLast, vectors.baseAddress, vectors.count)
                guard result >= 0 else {
                    applicationError = nghttp3_err_infer_quic_app_error_code(CInt(truncatingIfNeeded: result))
                    return Int(NGTCP2_ERR_CALLBACK_FAILURE)
                }
                count = Int(result)
            }
            var flags = UInt32(NGTCP2_WRITE_STREAM_FLAG_MORE)
            if isLast != 0 { flags |= UInt32(NGTCP2_WRITE_STREAM_FLAG_FIN) }
            var taken: ngtcp2_ssize = -1
            // The libraries guarantee that nghttp3_vec and ngtcp2_vec have the same layout.
            let written = vectors.withMemoryRebound(to: ngtcp2_vec.self) {
                ngtcp2_conn_writev_stream_versioned(
                    transport, endpoint.packetPath.path, NGTCP2_PKT_INFO_VERSION, &info,
                    space.baseAddress?.assumingMemoryBound(to: UInt8.self), space.count, &taken, flags, stream,
                    $0.baseAddress, count, time)
            }
            if taken >= 0, let http, nghttp3_conn_add_write_offset(http, stream, taken) != 0 {
                applicationError = UInt64(NGHTTP3_H3_INTERNAL_ERROR)
                return Int(NGTCP2_ERR_CALLBACK_FAILURE)
            }
            guard written < 0 else { return written }
            switch CInt(truncatingIfNeeded: written) {
            case NGTCP2_ERR_WRITE_MORE: continue
            case NGTCP2_ERR_STREAM_DATA_BLOCKED: nghttp3_conn_block_stream(http, stream)
            case NGTCP2_ERR_STREAM_SHUT_WR, NGTCP2_ERR_STREAM_NOT_FOUND:
                nghttp3_conn_shutdown_stream_write(http, stream)
            default: return written
            }
        }
    }
}
