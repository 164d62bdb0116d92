// SPDX-License-Identifier: Apache-2.0

import BPF
import Foundation
import Glibc
import TestSupport
import Testing

/// `baton watch` on a test bed, ready once it reads events.
final class WatchProcess {
    private let process = Process()
    private let output: URL

    /// - Parameter arguments: after `watch`.
    static func with<Result>(
        _ attached: Attached, _ arguments: String..., body: (WatchProcess) async throws -> Result
    ) async throws -> Result {
        let watch = try WatchProcess(arguments + ["--pin-directory", attached.bed.pinDirectory])
        defer {
            watch.end(by: SIGKILL)
            try? FileManager.default.removeItem(at: watch.output)
        }
        let map = try ArrayMap<UInt64>(pinnedAt: attached.bed.pinDirectory + "/maps/watchers")
        try await waitUntil("baton watch reads") { try map.value(at: 0) > KernelClock.nowNanoseconds }
        return try await body(watch)
    }

    private init(_ arguments: [String]) throws {
        output = FileManager.default.temporaryDirectory.appending(path: "baton-watch-\(UUID().uuidString)")
        try Data().write(to: output)
        process.executableURL = URL(fileURLWithPath: Machine.product("baton"))
        process.arguments = ["watch"] + arguments
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Ends it: SIGKILL as a crash would, SIGTERM as an operator does.
    func end(by signal: Int32) {
        guard process.isRunning else { return }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    /// What it has printed.
    func lines() throws -> [String] {
        try String(contentsOf: output, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// What it has printed under `--json`.
    func objects() throws -> [[String: Any]] {
        try lines().map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }
}
