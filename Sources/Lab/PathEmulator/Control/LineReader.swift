// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads lines from a descriptor that the caller polls. It reads only what has arrived, so it never blocks.
package struct LineReader {
    /// The longest line (bytes); a longer one is cut into several.
    package static let longestLine = 4096

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads once. Call it when poll(2) reports that the descriptor is ready.
    ///
    /// - Returns: the lines that are complete by now, without their newlines; nil at the end, where an unfinished line
    ///   is dropped, or if it can't be read, as from a terminal by a background job.
    package mutating func read() -> [String]? {
        var chunk = [UInt8](repeating: 0, count: Self.longestLine)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return count < 0 && (errno == EINTR || errno == EAGAIN) ? [] : nil }
        buffer += chunk[..<count]
        var lines: [String] = []
        while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: buffer[..<end], as: UTF8.self))
            buffer.removeSubrange(...end)
        }
        if buffer.count >= Self.longestLine {
            lines.append(String(decoding: buffer, as: UTF8.self))
            buffer.removeAll()
        }
        return lines
    }
}
