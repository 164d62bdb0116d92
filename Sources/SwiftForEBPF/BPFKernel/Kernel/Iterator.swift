// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// What a program in a section `iter/TARGET` is told of the walk that it is part of: its first argument
/// (`struct bpf_iter_meta`).
///
/// The kernel calls the program for each object of the kind TARGET, and once more at the end, with `nil` for the
/// object. The arguments after this one are the fields of the kernel's `struct bpf_iter__TARGET`:
///
/// | Section | Arguments |
/// |---|---|
/// | `iter/tcp` | `(KernelPointer<IteratorMeta>, KernelPointer<SockCommon>?, uid: UInt32)` |
/// | `iter/udp` | `(KernelPointer<IteratorMeta>, KernelPointer<UDPSock>?, uid: UInt32, bucket: Int32)` |
///
/// TCP sockets are locked during the call, those in the states TIME_WAIT and NEW_SYN_RECV excepted. From Linux 5.15 on
/// a program may set options of those that are full sockets, for which `tcp` is not `nil`.
public enum IteratorMeta: KernelStructure {
    /// `bpf_iter_meta`.
    public static var kernelName: StaticString { @inline(__always) get { "bpf_iter_meta" } }
}

extension KernelPointer where Structure == IteratorMeta {
    /// A number that no other walk has until the machine restarts (`session_id`).
    public var session: UInt64 { @inline(__always) get { self.session_id } }
    /// How many objects were visited before this one (`seq_num`).
    public var position: UInt64 { @inline(__always) get { self.seq_num } }
}
