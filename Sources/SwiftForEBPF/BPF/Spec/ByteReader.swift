// SPDX-License-Identifier: Apache-2.0

/// Reads numbers, in this machine's byte order, and texts from untrusted bytes. What lies outside the bytes is `nil`,
/// never a trap.
struct ByteReader: Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the bytes include `count` bytes from `offset` on.
    func holds(_ offset: Int, _ count: Int) -> Bool {
        offset >= 0 && count >= 0 && count <= bytes.count && offset <= bytes.count - count
    }

    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Integer.Type) -> Integer? {
        guard holds(offset, MemoryLayout<Integer>.size) else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Integer.self) }
    }

    func uint16(_ offset: Int) -> UInt16? { integer(offset, as: UInt16.self) }
    func uint32(_ offset: Int) -> UInt32? { integer(offset, as: UInt32.self) }

    /// A 64-bit offset or size; also `nil` if it doesn't fit an `Int`.
    func size(_ offset: Int) -> Int? { integer(offset, as: UInt64.self).flatMap { Int(exactly: $0) } }

    /// The text from `offset` to the next zero, which must lie before `end`.
    func text(_ offset: Int, end: Int) -> String? {
        guard offset >= 0, offset < end, end <= bytes.count,
            let zero = bytes[offset..<end].firstIndex(of: 0)
        else { return nil }
        return String(decoding: bytes[offset..<zero], as: UTF8.self)
    }
}
