// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// How long and from which seed readers are tried with damaged input.
///
/// In a process of its own, for a trap ends it; the seed that it was at is left in a file.
package struct Fuzzing: Codable, Sendable {
    /// The first seed; each input has the next one.
    package var seed: UInt64
    /// How long.
    package var seconds: Double
    /// How many inputs at most.
    package var count: UInt64
    private var progressFile: String

    /// `BPF_FUZZ_SECONDS` says how long (3), `BPF_FUZZ_SEED` from which seed (1), and then `BPF_FUZZ_COUNT` how many.
    package init() {
        let environment = ProcessInfo.processInfo.environment
        seconds = environment["BPF_FUZZ_SECONDS"].flatMap(Double.init) ?? 3
        seed = environment["BPF_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
        count = environment["BPF_FUZZ_COUNT"].flatMap { UInt64($0) } ?? .max
        progressFile = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID())").path
    }

    /// Calls `body` with one seed after the other.
    package func run(_ body: (UInt64) -> Void) {
        let file = open(progressFile, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { close(file) }
        let end = Date().addingTimeInterval(seconds)
        var offset: UInt64 = 0
        while offset < count {
            var progress = (seed &+ offset, offset)
            pwrite(file, &progress, 16, 0)
            body(seed &+ offset)
            offset += 1
            if offset % 16 == 0, Date() > end { break }
        }
    }

    /// The seed that the run was at when it ended, and how many it had tried before; removes the file.
    package func takeProgress() -> (seed: UInt64, count: UInt64) {
        defer { unlink(progressFile) }
        guard let data = FileManager.default.contents(atPath: progressFile), data.count == 16 else { return (seed, 0) }
        return data.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }
}
