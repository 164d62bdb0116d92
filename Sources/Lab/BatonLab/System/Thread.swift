// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
import Synchronization

/// A thread for work that blocks in calls or measures time, which Swift's shared task threads are not meant for.
final class Thread<Result: Sendable>: Sendable {
    private let outcome: Outcome
    private let thread: pthread_t

    private final class Outcome: Sendable {
        let result = Mutex<Result?>(nil)
    }

    /// Starts it at once. It must be joined.
    ///
    /// - Throws: `LinuxError` if the kernel can't create it.
    init(_ body: @escaping @Sendable () -> Result) throws {
        let outcome = Outcome()
        let start = Unmanaged.passRetained(
            ThreadStart {
                let result = body()
                outcome.result.withLock { $0 = result }
            })
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, runThread, start.toOpaque())
        guard failure == 0 else {
            start.release()
            throw LinuxError(call: "pthread_create(3)", subject: "a thread", errorNumber: failure)
        }
        self.thread = thread
        self.outcome = outcome
    }

    /// Waits for its end. Call it once.
    func join() -> Result {
        pthread_join(thread, nil)
        guard let result = outcome.result.withLock({ $0 }) else {
            preconditionFailure("the thread ended before it set its result")
        }
        return result
    }
}

/// The argument of a new thread: C passes one pointer, and takes functions without generics.
private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runThread(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let start {
        Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue().body()
    }
    return nil
}

/// Carries a value that can't be copied into a thread, once.
final class ThreadArgument<Value: ~Copyable>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: consuming sending Value) {
        self.value = Mutex(value)
    }

    /// The value. Call it once.
    func take() -> sending Value {
        let taken = value.withLock { $0.take() }
        guard let taken else { preconditionFailure("a value was taken twice") }
        return taken
    }
}
