// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program that is ready to visit objects of the kernel. It does so in `run` only, any number of times.
public struct IteratorLink: ~Copyable, Link {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if it is a link of another type.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        try LinkType.demand([.iterator], descriptor, name)
        self.descriptor = descriptor
    }

    init(attaching program: Int32, _ name: String) throws(BPFError) {
        let link = bpf_link_create(program, 0, BPF_TRACE_ITER, nil)
        descriptor = Descriptor(
            owning: try check(link, "BPF_LINK_CREATE", "attaching the iterator '\(name)'"))
    }

    /// Has the program visit all objects of its kind, and returns when it has (`BPF_ITER_CREATE`, read(2)).
    ///
    /// Sockets are those of the network namespace that the calling thread is in; see `NetworkNamespace.run`. One that
    /// comes or goes meanwhile may be visited or not.
    ///
    /// - Throws: `permission`, `system` if there is no memory.
    public func run() throws(BPFError) {
        let action = "running an iterator"
        let walk = Descriptor(owning: try check(bpf_iter_create(fileDescriptor), "BPF_ITER_CREATE", action))
        // What a program writes for user space is read, and dropped: this library has no way to write any.
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(walk.rawValue, &buffer, buffer.count)
            if count == 0 { return }
            // EAGAIN: the kernel pauses after a million objects.
            guard count > 0 || errno == EINTR || errno == EAGAIN else {
                throw BPFError(action, call: "read", errno: errno)
            }
        }
    }
}
