// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import PathEmulator

/// A results directory: `results.jsonl` with one `RunHeader` or `Sample` per line, and `series/*.jsonl` with one
/// `SocketState` per line.
package struct ResultsFile: Sendable {
    /// Version of the records that this version of the program writes and reads.
    package static let schema = 1

    /// The directory.
    package let directory: String

    package init(in directory: String) {
        self.directory = directory
    }

    /// `results.jsonl` in the directory.
    package var path: String { "\(directory)/results.jsonl" }

    /// Adds a run's header. Creates directory and file if they do not exist.
    ///
    /// - Throws: `LinuxError`.
    package func append(_ header: RunHeader) throws {
        try append(line: Self.encode(header))
    }

    /// Adds a sample. Creates directory and file if they do not exist.
    ///
    /// - Throws: `LinuxError`.
    package func append(_ sample: Sample) throws {
        try append(line: Self.encode(sample))
    }

    /// Writes a connection's states to `series/NAME.jsonl`, and replaces an existing file.
    ///
    /// - Returns: the value for `Sample.series`: the file's name relative to the directory.
    /// - Throws: `LinuxError`.
    package func write(_ states: [SocketState], series name: String) throws -> String {
        try Self.makeDirectory(directory)
        try Self.makeDirectory("\(directory)/series")
        let lines = try states.map { try Self.encode($0) + "\n" }
        let file = "series/\(name).jsonl"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptor = open("\(directory)/\(file)", flags, 0o644)
        guard descriptor >= 0 else { throw LinuxError(call: "open(2)", subject: "\(directory)/\(file)") }
        defer { close(descriptor) }
        var rest = Array(lines.joined().utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw LinuxError(call: "write(2)", subject: "\(directory)/\(file)") }
            rest = rest.dropFirst(count)
        }
        return file
    }

    /// One write(2) per line, at the end of the file (O_APPEND): an interruption leaves a whole line or none. An
    /// incomplete line that a crash left is cut off first; otherwise it would become a bad line in the middle.
    private func append(line: String) throws {
        try Self.makeDirectory(directory)
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LinuxError(call: "open(2)", subject: path) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw LinuxError(call: "flock(2)", subject: path) }
        let end = try wholeLines(descriptor)
        let bytes = Array((line + "\n").utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else {
            let error = LinuxError(call: "write(2)", subject: path, errorNumber: count < 0 ? errno : ENOSPC)
            ftruncate(descriptor, end)
            throw error
        }
    }

    /// The file's length after an incomplete last line is cut off.
    private func wholeLines(_ descriptor: Int32) throws -> off_t {
        let length = lseek(descriptor, 0, SEEK_END)
        var end = length
        var byte: UInt8 = 0
        while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") {
            end -= 1
        }
        guard end == length || ftruncate(descriptor, end) == 0 else {
            throw LinuxError(call: "ftruncate(2)", subject: path)
        }
        return end
    }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// mkdir -p.
    private static func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw LinuxError(call: "mkdir(2)", subject: path)
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw LinuxError(call: "mkdir(2)", subject: path) }
    }
}

/// An error in results: the file and line, what was found, and what was expected.
package struct ResultsError: Error, CustomStringConvertible, Equatable, Sendable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
