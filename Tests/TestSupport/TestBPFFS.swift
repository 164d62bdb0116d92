// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import Testing

/// A bpffs of a test's own.
package enum TestBPFFS {
    private static let counter = Atomic<Int>(0)

    /// Mounts one, calls `body` with its path, and unmounts it: what is pinned there is gone then.
    package static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        expectKernelTag()
        let path = "/run/bpffs\(getpid())-\(counter.add(1, ordering: .relaxed).newValue)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { rmdir(path) }
        guard mount("bpf", path, "bpf", 0, nil) == 0 else { throw POSIXError(.init(rawValue: errno)!) }
        defer { umount2(path, Int32(MNT_DETACH)) }
        return try await body(path)
    }
}
