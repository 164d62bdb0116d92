// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// The functions that nghttp3 calls while it reads a stream or looks for something to send.
enum HTTPCallbacks {
    /// nghttp3 copies the table into each connection.
    nonisolated(unsafe) static let table: UnsafePointer<nghttp3_callbacks> = {
        let table = UnsafeMutablePointer<nghttp3_callbacks>.allocate(capacity: 1)
        table.initialize(to: nghttp3_callbacks())
        setRequest(&table.pointee)
        setStream(&table.pointee)
        return UnsafePointer(table)
    }()

    /// Where nghttp3 gets the body of a response.
    static var dataReader: nghttp3_data_reader {
        nghttp3_data_reader(read_data: { _, stream, vectors, count, flags, data, _ in
            guard let connection = Connection.of(data), let vectors, let flags else {
                return nghttp3_ssize(NGHTTP3_ERR_CALLBACK_FAILURE)
            }
            let space = UnsafeMutableBufferPointer(start: vectors, count: count)
            return connection.nextBody(on: stream, into: space, flags: &flags.pointee)
        })
    }

    private static let failure = CInt(NGHTTP3_ERR_CALLBACK_FAILURE)

    private static func setRequest(_ table: inout nghttp3_callbacks) {
        table.begin_headers = { _, stream, data, _ in
            Connection.of(data)?.beganHead(on: stream)
            return 0
        }
        table.recv_header = { _, stream, token, name, value, _, data, _ in
            Connection.of(data)?.receivedField(
                token: token, name: nghttp3_rcbuf_get_buf(name), value: nghttp3_rcbuf_get_buf(value), on: stream)
            return 0
        }
        table.end_headers = { _, stream, _, data, _ in
            Connection.of(data)?.endedHead(on: stream)
            return 0
        }
        table.recv_data = { _, stream, bytes, count, data, _ in
            Connection.of(data)?.receivedBody(UnsafeRawBufferPointer(start: bytes, count: count), on: stream)
            return 0
        }
        table.deferred_consume = { _, stream, count, data, _ in
            Connection.of(data)?.openWindows(by: count, on: stream)
            return 0
        }
        table.end_stream = { _, stream, data, _ in
            Connection.of(data)?.endedRequest(on: stream)
            return 0
        }
    }

    private static func setStream(_ table: inout nghttp3_callbacks) {
        table.acked_stream_data = { _, stream, count, data, _ in
            Connection.of(data)?.acknowledgedBody(count, on: stream)
            return 0
        }
        table.stop_sending = { _, stream, code, data, _ in
            Connection.of(data)?.stopReading(stream, code: code) == true ? 0 : HTTPCallbacks.failure
        }
        table.reset_stream = { _, stream, code, data, _ in
            Connection.of(data)?.stopWriting(stream, code: code) == true ? 0 : HTTPCallbacks.failure
        }
    }
}
