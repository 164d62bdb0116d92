// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A directory on a bpffs for all pins of a program, with the version of their layout.
///
/// ```
/// DIRECTORY/layout → VERSION      a symbolic link
///           maps/…
///           programs/…
///           links/…
/// ```
///
/// The pins outlive the processes that made them, so another version of the program may find them. A version that
/// doesn't know their layout must not touch the maps.
public struct PinDirectory: Sendable, Equatable {
    /// Its path, without a trailing slash.
    public let path: String
    /// The layout version of this program. Raise it with each change of what is pinned: of a key, a value or the
    /// meaning of one.
    public let layoutVersion: UInt32

    /// Describes a pin directory. Nothing is created yet.
    ///
    /// - Throws: `invalid` for a path that can't be on a bpffs.
    public init(_ path: String, layoutVersion: UInt32) throws(BPFError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let action = "using '\(path)' as the pin directory"
        guard path.hasPrefix("/"), path.count > 1 else {
            throw BPFError(.invalid, action, remedy: "give an absolute path, such as \(Mounts.bpffs)/NAME")
        }
        guard !Mounts.isOnBPFFS(path) || !path.contains(".") else {
            throw BPFError(
                .invalid, action, reason: "a bpffs allows no dots in names", remedy: "give a path without dots")
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

    /// The path of the pin of a map.
    public func map(_ name: String) -> String { "\(maps)/\(name)" }
    /// The path of the pin of a program.
    public func program(_ name: String) -> String { "\(programs)/\(name)" }
    /// The path of the pin of a link.
    public func link(_ name: String) -> String { "\(links)/\(name)" }

    /// Whether the directory exists.
    public var exists: Bool { Pin.exists(path) }

    // MARK: Version

    private var versionPath: String { path + "/layout" }

    /// The layout version of the pins in the directory; `nil` if there is none.
    public var foundVersion: UInt32? { FileText.target(ofLink: versionPath).flatMap { UInt32($0) } }

    /// Checks that the pins have this program's layout version.
    ///
    /// - Parameter remedy: what to do about another version, for the error.
    /// - Throws: `mismatch`, with both versions, if they have another version or none.
    public func checkVersion(remedy: String? = nil) throws(BPFError) {
        let found = foundVersion
        guard found != layoutVersion else { return }
        throw BPFError(
            .mismatch, "using the pins at \(path)",
            reason:
                "their layout has \(found.map { "version \($0)" } ?? "no version"), this program's has \(layoutVersion)",
            remedy: remedy ?? "remove them, or use the version of the program that created them")
    }

    // MARK: Creating and removing

    /// Creates the directories that don't exist, and records the layout version.
    ///
    /// - Parameters:
    ///   - isReplacing: whether to overwrite another recorded version. Pins are never removed.
    ///   - remedy: what to do about another version, for the error.
    /// - Throws: `mismatch` if there are pins of another version and `isReplacing` is `false`.
    public func make(replacing isReplacing: Bool = false, remedy: String? = nil) throws(BPFError) {
        let isFresh = Pin.names(in: maps).isEmpty && Pin.names(in: links).isEmpty && Pin.names(in: programs).isEmpty
        if !isFresh, !isReplacing { try checkVersion(remedy: remedy) }
        for directory in [maps, programs, links] { try Pin.makeDirectory(directory) }
        if foundVersion == layoutVersion { return }
        try Pin.remove(versionPath)
        if symlink("\(layoutVersion)", versionPath) != 0 {
            throw BPFError("recording the layout version of \(path)", call: "symlink", errno: errno)
        }
    }

    /// Removes the temporary pins whose process ended before it renamed them.
    public func removeUnfinished() throws(BPFError) {
        for directory in [links, maps, programs] { try Pin.removeUnfinished(in: directory) }
    }

    /// Removes the directories that are empty, and the recorded version together with the last of them. Pins of others
    /// stay.
    public func removeIfEmpty() {
        for directory in [maps, programs, links] { try? Pin.removeDirectory(directory) }
        if Pin.names(in: path) == ["layout"] { try? Pin.remove(versionPath) }
        try? Pin.removeDirectory(path)
    }

    // MARK: Locks

    /// Waits for the lock of this bpffs, and runs `body` while holding it.
    ///
    /// The lock is on the root of the file system, which can't be removed. If the directory itself were locked and
    /// another process removed and created it again, two processes could hold the lock at the same time.
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
