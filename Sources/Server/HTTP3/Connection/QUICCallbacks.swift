// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// The functions that ngtcp2 calls while it reads or writes a packet. The user data leads to the connection.
enum QUICCallbacks {
    /// ngtcp2 copies the table into each connection.
    nonisolated(unsafe) static let table: UnsafePointer<ngtcp2_callbacks> = {
        let table = UnsafeMutablePointer<ngtcp2_callbacks>.allocate(capacity: 1)
        table.initialize(to: ngtcp2_callbacks())
        setCrypto(&table.pointee)
        setConnection(&table.pointee)
        setStreams(&table.pointee)
        return UnsafePointer(table)
    }()

    private static let failure = CInt(NGTCP2_ERR_CALLBACK_FAILURE)

    private static func setCrypto(_ table: inout ngtcp2_callbacks) {
        table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb
        table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb
        table.encrypt = ngtcp2_crypto_encrypt_cb
        table.decrypt = AuthenticatedPackets.decrypt
        table.hp_mask = ngtcp2_crypto_hp_mask_cb
        table.update_key = ngtcp2_crypto_update_key_cb
        table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb
        table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb
        table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb
        table.version_negotiation = ngtcp2_crypto_version_negotiation_cb
        table.rand = { destination, count, _ in
            Randomness.fill(UnsafeMutableRawBufferPointer(start: destination, count: count))
        }
    }

    private static func setConnection(_ table: inout ngtcp2_callbacks) {
        table.get_new_connection_id = { _, cid, token, count, data in
            guard let connection = Connection.of(data), let cid, let token else { return QUICCallbacks.failure }
            cid.pointee = .random(count: count)
            return connection.issued(cid.pointee, resetToken: token) ? 0 : QUICCallbacks.failure
        }
        table.remove_connection_id = { _, cid, data in
            if let cid { Connection.of(data)?.retired(cid.pointee) }
            return 0
        }
        table.recv_tx_key = { _, level, data in
            guard level == NGTCP2_ENCRYPTION_LEVEL_1RTT else { return 0 }
            return Connection.of(data)?.startHTTP() == true ? 0 : QUICCallbacks.failure
        }
        table.handshake_completed = { _, data in
            Connection.of(data)?.handshakeCompleted()
            return 0
        }
    }

    private static func setStreams(_ table: inout ngtcp2_callbacks) {
        table.recv_stream_data = { _, flags, stream, _, bytes, count, data, _ in
            guard let connection = Connection.of(data) else { return QUICCallbacks.failure }
            let isLast = flags & UInt32(NGTCP2_STREAM_DATA_FLAG_FIN) != 0
            return connection.received(bytes, count: count, isLast: isLast, on: stream) ? 0 : QUICCallbacks.failure
        }
        table.acked_stream_data_offset = { _, stream, _, count, data, _ in
            Connection.of(data)?.acknowledged(count, on: stream) == true ? 0 : QUICCallbacks.failure
        }
        table.extend_max_stream_data = { _, stream, _, data, _ in
            Connection.of(data)?.unblocked(stream) == true ? 0 : QUICCallbacks.failure
        }
        table.stream_close = { _, flags, stream, code, data, _ in
            let hasCode = flags & UInt32(NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) != 0
            let result = Connection.of(data)?.closed(stream, code: hasCode ? code : nil)
            return result == true ? 0 : QUICCallbacks.failure
        }
        table.stream_reset = { _, stream, _, _, data, _ in
            Connection.of(data)?.inputReset(stream) == true ? 0 : QUICCallbacks.failure
        }
        table.stream_stop_sending = { _, stream, _, data, _ in
            Connection.of(data)?.outputRefused(stream)
            return 0
        }
    }
}
