// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A directory on a bpffs for all that a program pins, with a version of its layout.
///
/// ```
/// DIRECTORY/layout → VERSION      a symbolic link
///           maps/…
///           programs/…
///           links/…
/// ```
///
/// What lies there outlives processes, and may be found by another version of the program: one that doesn't know the
/// layout must not touch the maps.
public struct PinDirectory: Sendable, Equatable {
    /// Its path, without a slash at its end.
    public let path: String
    /// The layout that this program knows. To be raised with each change of what is pinned: of a key, a value or a
    /// meaning.
    public let layoutVersion: UInt32

    /// - Throws: `invalid` for a path that can't be on a bpffs.
    public init(_ path: String, layoutVersion: UInt32) throws(BPFError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let action = "using '\(path)' as the pin directory"
        guard path.hasPrefix("/"), path.count > 1 else {
            throw BPFError(.invalid, action, remedy: "give an absolute path, as \(Mounts.bpffs)/NAME")
        }
        guard !Mounts.isOnBPFFS(path) || !path.contains(".") else {
            throw BPFError(.invalid, action, reason: "a bpffs allows no dots in names", remedy: "give a path without")
        }
        self.path = path
        self.layoutVersion = layoutVersion
    }

    /// The directory of the maps.
    public var maps: String { path + "/maps" }
    /// The directory of the programs.
    public var programs: String { path + "/programs" }
    /// The directory of the links.
    public var links: String { path + "/links" }

    /// Where a map of this name is pinned.
    public func map(_ name: String) -> String { "\(maps)/\(name)" }
    /// Where a program of this name is pinned.
    public func program(_ name: String) -> String { "\(programs)/\(name)" }
    /// Where a link of this name is pinned.
    public func link(_ name: String) -> String { "\(links)/\(name)" }

    /// Whether it is there.
    public var exists: Bool { Pin.exists(path) }

    // MARK: Version

    private var versionPath: String { path + "/layout" }

    /// The version of the layout that lies there; `nil` if nothing does, or nothing with a version.
    public var foundVersion: UInt32? { FileText.target(ofLink: versionPath).flatMap { UInt32($0) } }

    /// - Parameter remedy: what to do about another version.
    /// - Throws: `mismatch`, naming both versions, unless what lies there has the version that this program knows.
    public func checkVersion(remedy: String? = nil) throws(BPFError) {
        let found = foundVersion
        guard found != layoutVersion else { return }
        throw BPFError(
            .mismatch, "using the pins at \(path)",
            reason:
                "their layout has \(found.map { "version \($0)" } ?? "no version"), this program's \(layoutVersion)",
            remedy: remedy ?? "remove them, or use the version of the program that made them")
    }

    // MARK: Making and removing

    /// Makes the directories, and marks them with the version. What is there already is fine.
    ///
    /// - Parameters:
    ///   - isReplacing: whether the mark of another version gives way; nothing else of it is removed.
    ///   - remedy: what to do about another version, for the error.
    /// - Throws: `mismatch` if another version lies there and isn't to be replaced.
    public func make(replacing isReplacing: Bool = false, remedy: String? = nil) throws(BPFError) {
        let isFresh = Pin.names(in: maps).isEmpty && Pin.names(in: links).isEmpty && Pin.names(in: programs).isEmpty
        if !isFresh, !isReplacing { try checkVersion(remedy: remedy) }
        for directory in [maps, programs, links] { try Pin.makeDirectory(directory) }
        if foundVersion == layoutVersion { return }
        try Pin.remove(versionPath)
        if symlink("\(layoutVersion)", versionPath) != 0 {
            throw BPFError("marking \(path) with its version", call: "symlink", errno: errno)
        }
    }

    /// Removes pins that never took their place, for their process ended half-way.
    public func removeUnfinished() throws(BPFError) {
        for directory in [links, maps, programs] { try Pin.removeUnfinished(in: directory) }
    }

    /// Removes the directories that are empty, and the mark of the version with the last of them. What others pinned
    /// there stays.
    public func removeIfEmpty() {
        for directory in [maps, programs, links] { try? Pin.removeDirectory(directory) }
        if Pin.names(in: path) == ["layout"] { try? Pin.remove(versionPath) }
        try? Pin.removeDirectory(path)
    }

    // MARK: Locks

    /// Waits until nobody else works on the pins of this bpffs, and runs `body`.
    ///
    /// Locked is the root of the file system, which nobody can remove: of a directory that comes and goes, two could be
    /// locked at once.
    public func locked<Result>(_ body: () throws(BPFError) -> Result) throws(BPFError) -> Result {
        func parent(_ path: String) -> String? {
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
            return String(path[..<slash])
        }
        var path = path
        while !Pin.exists(path), let above = parent(path) { path = above }
        while let above = parent(path), Mounts.isOnBPFFS(above) { path = above }
        let lock = try DirectoryLock.wait(for: path)
        defer { _ = lock }
        return try body()
    }
}
