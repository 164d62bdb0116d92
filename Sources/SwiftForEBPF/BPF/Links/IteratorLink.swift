// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// An attached iterator (`BPF_LINK_TYPE_ITER`). It visits kernel objects only in `run`, which may be called any number
/// of times.
public struct IteratorLink: ~Copyable, Link {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
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

    /// Runs the program on all objects of its kind, and returns when it is done (`BPF_ITER_CREATE`, read(2)).
    ///
    /// An iterator over sockets visits those in the network namespace of the calling thread; see
    /// `NetworkNamespace.run`. A socket that is created or closed meanwhile may or may not be visited.
    ///
    /// - Throws: `permission`, `system` if memory is exhausted.
    public func run() throws(BPFError) {
        let action = "running an iterator"
        let walk = Descriptor(owning: try check(bpf_iter_create(fileDescriptor), "BPF_ITER_CREATE", action))
        // The output of the program is read and dropped: BPFKernel has no way to write any.
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
