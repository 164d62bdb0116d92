// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

@_silgen_name("setns") private func setns(_ descriptor: Int32, _ kind: Int32) -> Int32

@_silgen_name("capset") private func capset(_ header: UnsafePointer<UInt32>, _ sets: UnsafePointer<UInt32>) -> Int32

/// Threads of their own for what can't be taken back.
package enum OwnThread {
    /// Calls `body` in a network namespace.
    package static func run<Result: Sendable>(
        inNamespace name: String, _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run {
            let namespace = open("/run/netns/" + name, O_RDONLY | O_CLOEXEC)
            defer { close(namespace) }
            guard setns(namespace, 0x4000_0000) == 0 else { throw POSIXError(.init(rawValue: errno)!) }
            return try body()
        }
    }

    /// Calls `body` without any capability.
    package static func runWithoutCapabilities<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run {
            // _LINUX_CAPABILITY_VERSION_3, this thread; three sets of two words.
            guard capset([0x2008_0522, 0], [0, 0, 0, 0, 0, 0]) == 0 else { throw POSIXError(.init(rawValue: errno)!) }
            return try body()
        }
    }

    private static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let outcome = Outcome<Result>()
        let thread = Thread { outcome.set(.init(catching: body)) }
        thread.start()
        return try outcome.wait()
    }

    private final class Outcome<Value: Sendable>: @unchecked Sendable {
        // The semaphore keeps reader and writer apart.
        private var value: Result<Value, any Error>?
        private let semaphore = DispatchSemaphore(value: 0)

        func set(_ value: Result<Value, any Error>) {
            self.value = value
            semaphore.signal()
        }

        func wait() throws -> Value {
            semaphore.wait()
            return try value!.get()
        }
    }
}
