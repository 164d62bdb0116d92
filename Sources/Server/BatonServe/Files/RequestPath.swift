// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// The checked path of a request's target: it begins with `/`, and no component leads upwards.
struct RequestPath: Sendable {
    /// As it was received, with one slash at the beginning.
    let encoded: String
    /// With percent-encodings resolved.
    let decoded: String

    /// nil if the encoding is wrong, a component is `.` or `..`, or there is a zero byte, which no file name has.
    init?(_ path: String) {
        guard let decoded = path.removingPercentEncodingStrictly, decoded.hasPrefix("/"), !decoded.utf8.contains(0),
            !decoded.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { return nil }
        // A redirect to `//host/` would lead elsewhere.
        encoded = "/" + path.drop { $0 == "/" }
        self.decoded = decoded
    }

    /// The media type of the name's extension.
    var mediaType: String {
        let name = decoded.hasSuffix("/") ? "index.html" : decoded.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."),
            let type = MediaType.getMediaType(forExtension: name[name.index(after: dot)...].lowercased())
        else { return "application/octet-stream" }
        let text = type.description
        return text.hasPrefix("text/") && !text.contains("charset") ? text + "; charset=utf-8" : text
    }
}

extension String {
    /// nil if a `%` is not followed by two hexadecimal digits, or the result is not UTF-8.
    fileprivate var removingPercentEncodingStrictly: String? {
        guard utf8.contains(UInt8(ascii: "%")) else { return self }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(), let first = high.hexadecimal,
                let second = low.hexadecimal
            else { return nil }
            bytes.append(first << 4 | second)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexadecimal: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
