// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Files, without Foundation.
enum FileText {
    /// errno of the last call.
    static var lastError: Int32 { errno }

    /// The bytes of a file; `nil` if it can't be read, and errno says why.
    static func bytes(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var status = stat()
        // Files of /proc say that they are empty, and /sys/kernel/btf/vmlinux is given in pages.
        let expected = fstat(file, &status) == 0 && status.st_size > 0 ? Int(status.st_size) + 1 : 16 * 1024
        var bytes: [UInt8] = []
        while true {
            let start = bytes.count
            let room = max(expected - start, 16 * 1024)
            bytes.append(contentsOf: repeatElement(0, count: room))
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + start, room) }
            if count < 0, errno == EINTR {
                bytes.removeLast(room)
                continue
            }
            bytes.removeLast(room - max(count, 0))
            if count < 0 { return nil }
            if count == 0 { return bytes }
        }
    }

    /// The text of a file; `nil` if it can't be read.
    static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Where a symbolic link points; `nil` if it is none.
    static func target(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
