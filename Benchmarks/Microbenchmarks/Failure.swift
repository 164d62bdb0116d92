// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Something that a benchmark needs did not work, or did something else than what it is there to measure.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// - Parameter call: what was tried; its `errno` is that of now unless it is given.
    init(call: String, errno number: Int32 = errno) {
        description = "\(call): \(String(cString: strerror(number)))"
    }
}
