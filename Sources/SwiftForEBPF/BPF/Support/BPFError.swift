// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An error of an operation on the kernel: what was tried, on what, the kernel's answer, and what to do about it.
public struct BPFError: Error, Sendable, CustomStringConvertible {
    /// The kind of error, for a program to act on.
    public enum Code: Sendable, Equatable {
        /// The process lacks a right: EPERM or EACCES, or a capability that is missing.
        case permission
        /// This kernel or machine doesn't support the operation: EOPNOTSUPP, ENOSYS or ENOTSUPP, or a failed probe.
        case unsupported
        /// The object doesn't exist: ENOENT, ESRCH or ENODEV.
        case notFound
        /// The object exists, but has another kind, size or layout version.
        case mismatch
        /// An argument is invalid: EINVAL, E2BIG or EBADF.
        case invalid
        /// The verifier refused a program.
        case verifier
        /// Any other error of the system.
        case system
    }

    /// The kind of error.
    public var code: Code
    /// The operation and its object, for example `pinning at /sys/fs/bpf/x`.
    public var action: String
    /// The system call or the command of bpf(2) that failed, for example `BPF_LINK_CREATE`; `nil` if none was called.
    public var call: String?
    /// The errno that the kernel returned, positive; 0 if no call failed.
    public var errno: Int32
    /// The cause, if it is known.
    public var reason: String?
    /// What to do about it, if anything helps.
    public var remedy: String?
    /// The complete log of the verifier or of libbpf.
    public var log: String?
    /// The verifier's error, if the verifier refused a program.
    public var verifier: VerifierError?

    /// Makes an error with a given code.
    public init(
        _ code: Code, _ action: String, call: String? = nil, errno: Int32 = 0, reason: String? = nil,
        remedy: String? = nil, log: String? = nil
    ) {
        self.code = code
        self.action = action
        self.call = call
        self.errno = errno
        self.reason = reason
        self.remedy = remedy
        self.log = log
    }

    /// Makes an error from an errno, which decides the code.
    ///
    /// - Parameters:
    ///   - action: the operation and its object.
    ///   - call: the system call or the command of bpf(2) that failed.
    ///   - errno: as libbpf returns it, positive or negative.
    ///   - remedy: what to do about it; `nil`: the general advice for this errno, if there is any.
    ///   - log: the output of the verifier or of libbpf.
    public init(_ action: String, call: String? = nil, errno: Int32, remedy: String? = nil, log: String? = nil) {
        let errno = errno < 0 ? 0 &- errno : errno
        let code: Code =
            switch errno {
            case EPERM, EACCES: .permission
            case ENOENT, ESRCH, ENODEV: .notFound
            case EOPNOTSUPP, ENOSYS, BPFError.notSupported: .unsupported
            case EINVAL, E2BIG, EBADF: .invalid
            default: .system
            }
        let standard: String? =
            code == .permission ? "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON" : nil
        self.init(code, action, call: call, errno: errno, remedy: remedy ?? standard, log: log)
    }

    /// ENOTSUPP, an errno of the kernel that the headers for user space lack.
    static let notSupported: Int32 = 524

    /// The error as one line: action, reason, call and errno, and the remedy in parentheses.
    public var description: String { descriptionWithoutRemedy + (remedy.map { " (\($0))" } ?? "") }

    /// The same without what to do about it.
    public var descriptionWithoutRemedy: String {
        var text = action
        if let reason { text += ": \(reason)" }
        if errno != 0, verifier == nil { text += ": \(call.map { "\($0): " } ?? "")\(errnoText)" }
        return text
    }

    private var errnoText: String {
        errno == BPFError.notSupported ? "Operation not supported" : String(cString: strerror(errno))
    }
}

/// Checks the result of a call that returns a negative errno, or returns -1 and sets errno.
///
/// - Returns: the result, if it isn't negative.
@discardableResult
func check(
    _ result: Int32, _ call: String, _ action: @autoclosure () -> String, remedy: @autoclosure () -> String? = nil
) throws(BPFError) -> Int32 {
    guard result < 0 else { return result }
    let number = result == -1 ? errno : result
    throw BPFError(action(), call: call, errno: number, remedy: remedy())
}
