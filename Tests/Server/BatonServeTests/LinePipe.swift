// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A pipe that holds one page, so that few lines fill it.
final class LinePipe {
    let pipe = Pipe()
    private var unread = Data()

    init() throws {
        // F_SETPIPE_SZ of fcntl(2), which Glibc declares for GNU sources alone.
        let setSize: Int32 = 1031
        try #require(fcntl(writingDescriptor, setSize, 4096) > 0)
    }

    var writingDescriptor: Int32 { pipe.fileHandleForWriting.fileDescriptor }

    func closeReading() throws { try pipe.fileHandleForReading.close() }

    /// Waits until no byte more fits in.
    ///
    /// - Throws: if that takes more than a minute.
    func waitUntilFull() throws {
        var count: Int32 = 0
        for _ in 0..<6000 where count < 4096 {
            try #require(ioctl(pipe.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &count) == 0)
            if count < 4096 { usleep(10_000) }
        }
        try #require(count == 4096)
    }

    /// Waits for the next line; nil at the end.
    ///
    /// - Throws: if nothing comes for a minute.
    func line() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var readable = pollfd(fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&readable, 1, 60_000) == 1)
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            unread += data
        }
    }
}
