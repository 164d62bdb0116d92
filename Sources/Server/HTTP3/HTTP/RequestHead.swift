// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import HTTPTypes

/// The head of a request as it arrives, field by field (RFC 9114, section 4.3.1). nghttp3 has checked each field.
struct RequestHead {
    private var method = ""
    private var scheme: String?
    private var authority: String?
    private var path: String?
    private var fields = HTTPFields()
    private(set) var byteCount = 0

    mutating func append(token: Int32, name: nghttp3_vec, value: nghttp3_vec) {
        byteCount += name.len + value.len
        let text = String(decoding: UnsafeRawBufferPointer(start: value.base, count: value.len), as: UTF8.self)
        switch UInt32(bitPattern: token) {
        case UInt32(NGHTTP3_QPACK_TOKEN__METHOD.rawValue): method = text
        case UInt32(NGHTTP3_QPACK_TOKEN__SCHEME.rawValue): scheme = text
        case UInt32(NGHTTP3_QPACK_TOKEN__AUTHORITY.rawValue): authority = text
        case UInt32(NGHTTP3_QPACK_TOKEN__PATH.rawValue): path = text
        default:
            let text = String(decoding: UnsafeRawBufferPointer(start: name.base, count: name.len), as: UTF8.self)
            guard let fieldName = HTTPField.Name(text) else { return }
            let bytes = UnsafeRawBufferPointer(start: value.base, count: value.len)
            fields.append(HTTPField(name: fieldName, value: bytes))
        }
    }

    /// The complete head; nil if the method is not a token.
    var request: HTTPRequest? {
        guard let method = HTTPRequest.Method(method) else { return nil }
        return HTTPRequest(method: method, scheme: scheme, authority: authority, path: path, headerFields: fields)
    }
}
