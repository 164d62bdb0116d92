// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A call of the operating system that failed: what was tried, on what, what the kernel answered, and what to do.
package struct LinuxError: Error, CustomStringConvertible, Sendable {
    /// The call, for example `setns(2)`.
    package let call: String
    /// What it was called on: a path, a device, a process.
    package let subject: String
    /// The kernel's answer.
    package let errorNumber: Int32
    /// What to do about it; nil where the answer says it all.
    package let advice: String?

    package init(call: String, subject: String, errorNumber: Int32 = errno, advice: String? = nil) {
        self.call = call
        self.subject = subject
        self.errorNumber = errorNumber
        self.advice = advice
    }

    package var description: String {
        let answer = String(cString: strerror(errorNumber))
        let advice =
            advice
            ?? (errorNumber == EPERM || errorNumber == EACCES ? "run it as root (CAP_NET_ADMIN, CAP_SYS_ADMIN)" : nil)
        return "\(call) on \(subject): \(answer) (errno \(errorNumber))" + (advice.map { "; \($0)" } ?? "")
    }
}
