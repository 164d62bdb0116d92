// SPDX-License-Identifier: Apache-2.0

package import BPF
import Glibc
package import Testing

/// Goes on if the running kernel has a feature. If it is too old for it, the test ends as not supported; if it is new
/// enough, or the probe can't tell, the test fails.
///
/// That holds the probe, and the feature's minimum kernel, against each kernel that the tests run on.
package func requires(_ feature: Feature, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let requirement = Requirement(feature: feature.name, minimumKernel: feature.minimumKernel, answer: feature.probe())
    try requires(requirement, sourceLocation: sourceLocation)
}

/// The same for what only a test asks for.
package func requires(_ requirement: Requirement, sourceLocation: SourceLocation = #_sourceLocation) throws {
    expectKernelTag(sourceLocation: sourceLocation)
    switch requirement.verdict(on: .running) {
    case .met: return
    case .notSupported(let reason): try Test.cancel("\(reason)", sourceLocation: sourceLocation)
    case .failed(let reason):
        Issue.record("\(reason)", sourceLocation: sourceLocation)
        try Test.cancel("\(reason)", sourceLocation: sourceLocation)
    }
}

/// What a test needs of the kernel, and what a probe said of it.
package struct Requirement: Sendable {
    package var feature: String
    package var minimumKernel: String
    package var answer: Answer

    package init(feature: String, minimumKernel: String, answer: Answer) {
        self.feature = feature
        self.minimumKernel = minimumKernel
        self.answer = answer
    }

    /// What follows from the answer.
    package enum Verdict: Sendable, Equatable {
        case met
        /// The only reason for which a test may end early. scripts/kernels/results.py reads the text.
        case notSupported(String)
        case failed(String)
    }

    package func verdict(on running: KernelVersion) -> Verdict {
        switch answer {
        case .yes: return .met
        case .unknown(let reason): return .failed("can't tell whether this kernel has \(feature): \(reason)")
        case .no: break
        }
        guard let minimum = KernelVersion(minimumKernel) else {
            return .failed("\(feature) names no minimum kernel: '\(minimumKernel)'")
        }
        if running >= minimum {
            return .failed("Linux has \(feature) since \(minimum), but this is \(running), and the probe finds none")
        }
        return .notSupported("not supported: \(feature) (Linux \(minimum))")
    }
}

/// The part of a kernel's version that decides what it can have: 6.12.
package struct KernelVersion: Sendable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    /// Reads `6.4` as well as `6.12.107+deb13-cloud-amd64`.
    package init?(_ text: String) {
        let numbers = text.prefix { $0 == "." || $0.isASCII && $0.isNumber }.split(separator: ".").map { Int($0) }
        guard numbers.count > 1, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.major = major
        self.minor = minor
    }

    /// That of the running kernel.
    package static var running: KernelVersion {
        var names = utsname()
        guard uname(&names) == 0 else { preconditionFailure("uname fails") }
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        guard let version = KernelVersion(release) else { preconditionFailure("not a kernel's release: \(release)") }
        return version
    }

    package var description: String { "\(major).\(minor)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
