// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What went wrong with the kernel: what was tried, on what, what it answered, and what to do about it.
public struct BPFError: Error, Sendable, CustomStringConvertible {
    /// The kind of error, for a program to act on.
    public enum Code: Sendable, Equatable {
        /// Root, or a capability, is missing.
        case permission
        /// This kernel or machine lacks something.
        case unsupported
        /// There is no such thing.
        case notFound
        /// What is there is of another layout, size or kind.
        case mismatch
        /// An argument makes no sense to the kernel.
        case invalid
        /// The verifier refused a program.
        case verifier
        /// Anything else.
        case system
    }

    /// The kind of error.
    public var code: Code
    /// What was tried and on what, for instance `pinning a map at /sys/fs/bpf/x`.
    public var action: String
    /// The system call, or the command of bpf(2), that failed, for instance `BPF_LINK_CREATE`; `nil` if none was made.
    public var call: String?
    /// The kernel's answer; 0 if it wasn't asked.
    public var errno: Int32
    /// What it comes from, where that is known.
    public var reason: String?
    /// What to do.
    public var remedy: String?
    /// The verifier's, or libbpf's, whole log.
    public var log: String?
    /// What the verifier said, if it was the verifier.
    public var verifier: VerifierError?

    /// An error of a kind that the caller knows.
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

    /// The error that an errno stands for.
    ///
    /// - Parameters:
    ///   - action: what was tried and on what.
    ///   - call: the system call, or the command of bpf(2), that failed.
    ///   - errno: as libbpf returns it, of either sign.
    ///   - remedy: what to do; `nil`: what helps in general, if anything does.
    ///   - log: what the verifier or libbpf wrote.
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

    /// The kernel's own ENOTSUPP, which no header for programs has.
    static let notSupported: Int32 = 524

    /// One line.
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

/// The answer of a call that returns a negative errno, or -1 and sets errno.
@discardableResult
func check(
    _ result: Int32, _ call: String, _ action: @autoclosure () -> String, remedy: @autoclosure () -> String? = nil
) throws(BPFError) -> Int32 {
    guard result < 0 else { return result }
    let number = result == -1 ? errno : result
    throw BPFError(action(), call: call, errno: number, remedy: remedy())
}
