// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The failure of something that a benchmark needs, or a result that differs from what the benchmark measures.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// - Parameters:
    ///   - call: the call that failed.
    ///   - number: its errno; the current `errno` by default.
    init(call: String, errno number: Int32 = errno) {
        description = "\(call): \(String(cString: strerror(number)))"
    }
}
