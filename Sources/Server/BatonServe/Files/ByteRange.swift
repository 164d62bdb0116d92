// SPDX-License-Identifier: Apache-2.0

/// The bytes that a Range header selects from content of a known size (RFC 9110, section 14.1.2).
enum ByteRange: Equatable {
    /// The header is ignored: it is malformed, has another unit, or asks for several ranges, which a server need not
    /// support.
    case ignored
    /// The content has none of these bytes.
    case unsatisfiable
    case bytes(Range<Int>)

    init(_ header: String, size: Int) {
        guard let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes",
            case let spec = header[header.index(after: equals)...].filter({ $0 != " " && $0 != "\t" }),
            let dash = spec.firstIndex(of: "-")
        else {
            self = .ignored
            return
        }
        let first = spec[..<dash]
        let last = spec[spec.index(after: dash)...]
        guard (first + last).allSatisfy({ $0.isASCII && $0.isNumber }), !(first.isEmpty && last.isEmpty) else {
            self = .ignored
            return
        }
        // A number too large for an integer is beyond the end of any file.
        let lower = Int(first) ?? .max
        let upper = Int(last) ?? .max
        if first.isEmpty {
            self = upper == 0 || size == 0 ? .unsatisfiable : .bytes(max(0, size - upper)..<size)
        } else if !last.isEmpty, lower > upper {
            self = .ignored
        } else if lower >= size {
            self = .unsatisfiable
        } else {
            self = .bytes(lower..<(last.isEmpty ? size : min(size - 1, upper) + 1))
        }
    }
}
