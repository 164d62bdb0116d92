// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc
private import Synchronization

/// Collects libbpf's own messages for errors, instead of printing them.
enum Libbpf {
    /// libbpf has one message callback per process, so only one thread at a time may listen.
    private static let listening = Mutex(())
    private static let log = Mutex("")
    private static let limit = 64 * 1024

    /// Runs `body` and collects libbpf's messages meanwhile. Afterwards the previous callback is restored.
    ///
    /// - Returns: the result of `body`, and the messages.
    static func listen<Result>(_ body: () -> Result) -> (result: Result, messages: String) {
        listening.withLock { _ in
            let previous = libbpf_set_print { level, format, arguments in
                guard level != LIBBPF_DEBUG, let format, let arguments else { return 0 }
                var buffer = [CChar](repeating: 0, count: 4096)
                let length = vsnprintf(&buffer, buffer.count, format, arguments)
                let bytes = buffer.prefix(max(0, min(Int(length), buffer.count - 1))).map { UInt8(bitPattern: $0) }
                Libbpf.log.withLock { log in
                    if log.utf8.count < Libbpf.limit { log += String(decoding: bytes, as: UTF8.self) }
                }
                return length
            }
            defer { _ = libbpf_set_print(previous) }
            let result = body()
            let messages = log.withLock { log in
                defer { log = "" }
                return log
            }
            return (result, messages)
        }
    }
}
