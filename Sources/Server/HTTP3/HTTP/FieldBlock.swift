// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import HTTPTypes

/// The fields of a response or of its trailers, as nghttp3 takes them.
struct FieldBlock {
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int)] = []

    /// Fields about a TCP connection must not appear in HTTP/3 (RFC 9114, section 4.2).
    private static let connectionSpecific: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    init(_ response: HTTPResponse) {
        append(":status", String(response.status.code))
        append(response.headerFields)
    }

    init(_ fields: HTTPFields) { append(fields) }

    private mutating func append(_ fields: HTTPFields) {
        for field in fields where !Self.connectionSpecific.contains(field.name.canonicalName) {
            append(field.name.canonicalName, field.value)
        }
    }

    private mutating func append(_ name: String, _ value: String) {
        let before = bytes.count
        bytes.append(contentsOf: name.utf8)
        let middle = bytes.count
        bytes.append(contentsOf: value.utf8)
        lengths.append((middle - before, bytes.count - middle))
    }

    /// Calls `body` with the fields. nghttp3 copies what it needs.
    mutating func withFields<Result>(_ body: (UnsafeBufferPointer<nghttp3_nv>) -> Result) -> Result {
        bytes.withUnsafeMutableBufferPointer { bytes in
            var offset = 0
            let fields = lengths.map { length in
                defer { offset += length.name + length.value }
                let start = bytes.baseAddress
                return nghttp3_nv(
                    name: start.map { $0 + offset }, value: start.map { $0 + offset + length.name },
                    namelen: length.name, valuelen: length.value, flags: UInt8(NGHTTP3_NV_FLAG_NONE))
            }
            return fields.withUnsafeBufferPointer(body)
        }
    }
}
