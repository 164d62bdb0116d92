// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc
private import Synchronization

/// libbpf's own messages: kept for errors rather than printed.
enum Libbpf {
    private static let log = Mutex("")
    private static let limit = 64 * 1024

    /// Keeps libbpf's messages away from stderr. May be called any number of times.
    static func quiet() {
        _ = libbpf_set_print { level, format, arguments in
            guard level != LIBBPF_DEBUG, let format, let arguments else { return 0 }
            var buffer = [CChar](repeating: 0, count: 4096)
            let length = vsnprintf(&buffer, buffer.count, format, arguments)
            let bytes = buffer.prefix(max(0, min(Int(length), buffer.count - 1))).map { UInt8(bitPattern: $0) }
            Libbpf.log.withLock { log in
                if log.utf8.count < Libbpf.limit { log += String(decoding: bytes, as: UTF8.self) }
            }
            return length
        }
    }

    /// What libbpf said since the last call.
    static func takeLog() -> String {
        log.withLock { log in
            defer { log = "" }
            return log
        }
    }
}
