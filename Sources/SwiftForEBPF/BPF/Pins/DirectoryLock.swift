// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// An exclusive lock on a directory (flock(2)). It is released when it goes out of scope or the process ends.
public struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Takes the lock if it is free.
    ///
    /// - Returns: `nil` if another process or handle holds it.
    /// - Throws: `notFound` if the directory doesn't exist, `permission`.
    public static func take(ifFree directory: String) throws(BPFError) -> DirectoryLock? {
        let descriptor = try open(directory)
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 { return nil }
        return DirectoryLock(descriptor)
    }

    /// Waits until the lock is free, and takes it.
    ///
    /// - Throws: `notFound` if the directory doesn't exist, `permission`.
    public static func wait(for directory: String) throws(BPFError) -> DirectoryLock {
        let descriptor = try open(directory)
        while flock(descriptor.rawValue, LOCK_EX) != 0 {
            if errno != EINTR { throw BPFError("locking \(directory)", call: "flock", errno: errno) }
        }
        return DirectoryLock(descriptor)
    }

    private static func open(_ path: String) throws(BPFError) -> Descriptor {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BPFError("opening \(path)", call: "open", errno: errno) }
        return Descriptor(owning: descriptor)
    }
}
