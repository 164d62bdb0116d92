// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

/// A file that is open for reading, with what a response says about it. It is closed with the last reference.
final class OpenFile: Sendable {
    /// What is at a path.
    enum Lookup {
        case file(OpenFile)
        case directory
        case nothing
        case forbidden
    }

    private let descriptor: CInt
    let size: Int
    let modifiedSeconds: Int
    /// A validator of the file's state (RFC 9110, section 8.8.3): inode, size, and modification time in nanoseconds.
    let entityTag: String

    /// Opens what is at `path` below `root`.
    ///
    /// - Parameter root: the resolved path of the directory; a link that leads out of it counts as nothing.
    static func open(_ path: String, root: String) -> Lookup {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return errno == EACCES || errno == EPERM ? .forbidden : .nothing }
        var status = stat()
        // The kernel says where the open file is. A check of the path before opening it could be tricked by a new link.
        guard fstat(descriptor, &status) == 0, let actual = link("/proc/self/fd/\(descriptor)"),
            actual == root || actual.hasPrefix(root == "/" ? "/" : root + "/")
        else {
            close(descriptor)
            return .nothing
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(OpenFile(descriptor, status))
        case S_IFDIR:
            close(descriptor)
            return .directory
        default:
            close(descriptor)
            return .nothing
        }
    }

    private init(_ descriptor: CInt, _ status: stat) {
        self.descriptor = descriptor
        size = Int(status.st_size)
        modifiedSeconds = status.st_mtim.tv_sec
        let nanoseconds = status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
        entityTag =
            "\""
            + [Int(truncatingIfNeeded: status.st_ino), size, nanoseconds].map { String($0, radix: 36) }
            .joined(separator: ".") + "\""
    }

    deinit { close(descriptor) }

    private static func link(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink(path, start, buffer.count)
            guard count > 0, count < buffer.count else { return nil }
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }

    /// Reads up to `count` bytes from `offset`, on NIO's threads for blocking calls.
    ///
    /// - Throws: `IOError`; ``Truncated`` if the file has become shorter meanwhile.
    func read(at offset: Int, count: Int) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            var failure: CInt = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                var result: Int
                repeat {
                    result = pread(descriptor, bytes.baseAddress, count, off_t(offset))
                } while result < 0 && errno == EINTR
                if result < 0 { failure = errno }
                return max(0, result)
            }
            guard failure == 0 else { throw IOError(errnoCode: failure, reason: "pread") }
            guard buffer.readableBytes > 0 else { throw Truncated() }
            return buffer
        }
    }

    /// The file is shorter than the length that the response has announced.
    struct Truncated: Error {}
}
