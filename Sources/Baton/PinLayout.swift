// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import Glibc

/// Where everything lies that outlives the process.
///
/// ```
/// PIN DIRECTORY/maps/saved, configuration, counters, events, …
///               programs/resume
///               links/resume, baton
/// ```
struct PinLayout: Sendable {
    let root: String

    init(_ root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    var maps: String { root + "/maps" }
    var programs: String { root + "/programs" }
    var links: String { root + "/links" }

    func map(_ name: String) -> String { "\(maps)/\(name)" }
    func program(_ name: String) -> String { "\(programs)/\(name)" }
    func link(_ name: String) -> String { "\(links)/\(name)" }

    /// The link that says whether the hand-over is attached.
    var resumeLink: String { link("resume") }
    var resumeProgram: String { program("resume") }

    /// - Throws: `invalid` for a path that can't be on a bpffs.
    func validate() throws(BPFError) {
        let action = "using '\(root)' as the pin directory"
        guard root.hasPrefix("/"), root.count > 1 else {
            throw BPFError(.invalid, action, remedy: "give an absolute path, as \(Mounts.bpffs)/baton")
        }
        guard !Mounts.isOnBPFFS(root) || !root.contains(".") else {
            throw BPFError(.invalid, action, reason: "a bpffs allows no dots in names", remedy: "give a path without")
        }
    }

    func makeDirectories() throws(BPFError) {
        for directory in [maps, programs, links] { try Pin.makeDirectory(directory) }
    }

    /// Removes the directories that are empty.
    func removeEmptyDirectories() {
        for directory in [maps, programs, links, root] { try? Pin.removeDirectory(directory) }
    }
}

/// An exclusive lock on a directory, released when it goes out of scope or the process dies (flock(2)).
struct DirectoryLock: ~Copyable {
    private let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Waits until nobody else holds the lock, and runs `body` with it.
    ///
    /// Locked is the root of the file system, which nobody can remove: of a directory that comes and goes, two could be
    /// locked at once.
    ///
    /// - Parameter directory: a directory on a bpffs, which need not exist.
    static func with<Result>(
        bpffsOf directory: String, _ body: () throws(BPFError) -> Result
    ) throws(BPFError) -> Result {
        func parent(_ path: String) -> String? {
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
            return String(path[..<slash])
        }
        var path = directory
        while !Pin.exists(path), let above = parent(path) { path = above }
        while let above = parent(path), Mounts.isOnBPFFS(above) { path = above }
        let lock = DirectoryLock(try open(path))
        while flock(lock.descriptor.rawValue, LOCK_EX) != 0 {
            if errno != EINTR { throw BPFError("locking \(path)", errno: errno) }
        }
        return try body()
    }

    /// Takes the lock if it is free.
    ///
    /// - Returns: `nil` if somebody else holds it.
    static func take(ifFree directory: String) throws(BPFError) -> DirectoryLock? {
        let descriptor = try open(directory)
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 { return nil }
        return DirectoryLock(descriptor)
    }

    private static func open(_ path: String) throws(BPFError) -> Descriptor {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BPFError("opening \(path)", errno: errno) }
        return Descriptor(owning: descriptor)
    }
}
