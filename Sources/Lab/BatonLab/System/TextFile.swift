// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// Small files: those of /proc, /sys and cgroups, which must be written with one call, and the run's own.
enum TextFile {
    /// The whole file.
    static func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LinuxError(call: "open(2)", subject: path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            guard count > 0 else { throw LinuxError(call: "read(2)", subject: path) }
            bytes += chunk[..<count]
        }
    }

    /// Replaces the content of the file, which is created if it does not exist.
    static func write(_ text: String, to path: String) throws {
        try write(bytes: Array(text.utf8), to: path)
    }

    /// Replaces the content of the file, which is created if it does not exist.
    static func write(bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LinuxError(call: "open(2)", subject: path) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw LinuxError(call: "write(2)", subject: path) }
            written += count
        }
    }

    /// The names in a directory; none if it does not exist.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." {
                names.append(name)
            }
        }
        return names.sorted()
    }

    /// Removes a file, or a directory with everything in it; does nothing if it does not exist.
    static func remove(_ path: String) throws {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        if information.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) {
                try remove("\(path)/\(name)")
            }
            guard rmdir(path) == 0 else { throw LinuxError(call: "rmdir(2)", subject: path) }
        } else {
            guard unlink(path) == 0 else { throw LinuxError(call: "unlink(2)", subject: path) }
        }
    }
}
