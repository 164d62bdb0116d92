// SPDX-License-Identifier: Apache-2.0

/// What a client requests.
package enum Load: Hashable, Sendable {
    /// One response with a body of this many bytes.
    case body(ByteCount)
    /// A page with this many objects of this many bytes each (client `chromium`).
    case page(objects: Int, each: ByteCount)
    /// One request with a body of this many bytes.
    case upload(ByteCount)
}

extension Load: LosslessStringConvertible, Codable {
    /// Its spelling in scenarios and results: `100kB`, `page 30 x 20kB`, `upload 1MB`.
    package var description: String {
        switch self {
        case .body(let size): size.description
        case .page(let objects, let size): "page \(objects) x \(size)"
        case .upload(let size): "upload \(size)"
        }
    }

    /// - Returns: nil also for sizes that are not within 1 byte…1 GiB, and pages without objects or with over 1000.
    package init?(_ text: String) {
        func size(_ text: Substring) -> ByteCount? {
            ByteCount(String(text)).flatMap { (1...(1 << 30)).contains($0.bytes) ? $0 : nil }
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        switch (words.count, words[0]) {
        case (1, _):
            guard let size = size(words[0]) else { return nil }
            self = .body(size)
        case (2, "upload"):
            guard let size = size(words[1]) else { return nil }
            self = .upload(size)
        case (4, "page"):
            guard let objects = Int(words[1]), (1...1000).contains(objects), words[2] == "x", let size = size(words[3])
            else { return nil }
            self = .page(objects: objects, each: size)
        default: return nil
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let load = Load(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a load")
        }
        self = load
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
