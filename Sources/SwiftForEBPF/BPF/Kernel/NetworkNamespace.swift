// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// An open network namespace. It exists at least as long as this value.
public struct NetworkNamespace: ~Copyable, Sendable {
    private let path: String
    private let descriptor: Descriptor

    /// Opens a namespace.
    ///
    /// - Parameter path: its file, for example `/proc/1/ns/net` or `/run/netns/blue`.
    /// - Throws: `notFound`, `permission`.
    public init(path: String) throws(BPFError) {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw BPFError("opening the network namespace \(path)", call: "open", errno: errno) }
        self.path = path
        descriptor = Descriptor(owning: opened)
    }

    /// The paths of all network namespaces that this process can see, one path each: its own first, then those of other
    /// processes, then those that are mounted somewhere, as `ip netns` and container engines do.
    public static var visiblePaths: [String] {
        var seen: Set<UInt64> = []
        let processes = Pin.names(in: "/proc").filter { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        let paths = ["/proc/thread-self/ns/net"] + processes.map { "/proc/\($0)/ns/net" } + Mounts.networkNamespaces
        return paths.filter { path in
            var status = stat()
            // The inode number identifies a namespace. stat(2) fails if the process has just ended.
            return stat(path, &status) == 0 && seen.insert(UInt64(status.st_ino)).inserted
        }
    }

    /// Runs `body` on a new thread in this namespace (setns(2)), and waits for it.
    ///
    /// - Throws: the error of `body`; `permission` without CAP_SYS_ADMIN; `invalid` if it isn't a network namespace.
    public func run(_ body: () throws(BPFError) -> Void) throws(BPFError) {
        try withoutActuallyEscaping(body) { body throws(BPFError) in
            let visit = Visit(namespace: descriptor.rawValue, path: path, body: body)
            var thread = pthread_t()
            let made = pthread_create(
                &thread, nil,
                { visit in
                    Unmanaged<Visit>.fromOpaque(visit!).takeUnretainedValue().begin()
                    return nil
                }, Unmanaged.passUnretained(visit).toOpaque())
            guard made == 0 else {
                throw BPFError("entering the network namespace \(path)", call: "pthread_create", errno: made)
            }
            pthread_join(thread, nil)
            if let error = visit.error { throw error }
        }
    }

    /// The work of the thread, as one object: a thread's function gets a single pointer.
    private final class Visit {
        private static let networkKind: Int32 = 0x4000_0000  // CLONE_NEWNET
        private let namespace: Int32
        private let path: String
        private let body: () throws(BPFError) -> Void
        private(set) var error: BPFError?

        init(namespace: Int32, path: String, body: @escaping () throws(BPFError) -> Void) {
            self.namespace = namespace
            self.path = path
            self.body = body
        }

        func begin() {
            guard setns(namespace, Visit.networkKind) == 0 else {
                error = BPFError(
                    "entering the network namespace \(path)", call: "setns", errno: errno,
                    remedy: errno == EPERM ? "run as root, or with CAP_SYS_ADMIN" : nil)
                return
            }
            do throws(BPFError) { try body() } catch { self.error = error }
        }
    }
}
