// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

/// All tests of BPF, one after the other: at their end nothing may be left of them.
@Suite(.serialized, .leavesNothing, .kernelTestsNeedRoot) enum BPFTests {}

/// Whether the running kernel is of this version or newer. Only for tests of probes: all else asks them.
func isKernel(atLeast version: String) -> Bool {
    func numbers(_ text: String) -> [Int] { text.split(separator: ".").prefix(2).compactMap { Int($0) } }
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return !numbers(release).lexicographicallyPrecedes(numbers(version))
}
