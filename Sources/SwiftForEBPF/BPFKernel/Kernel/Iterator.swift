// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The first argument of a program in a section `iter/TARGET`: information about the current run (`struct
/// bpf_iter_meta`).
///
/// The kernel calls the program for each object of the kind TARGET, and once more at the end with `nil` for the object.
/// The other arguments are the fields of the kernel's `struct bpf_iter__TARGET`:
///
/// | Section | Arguments |
/// |---|---|
/// | `iter/tcp` | `(KernelPointer<IteratorMeta>, KernelPointer<SockCommon>?, uid: UInt32)` |
/// | `iter/udp` | `(KernelPointer<IteratorMeta>, KernelPointer<UDPSock>?, uid: UInt32, bucket: Int32)` |
///
/// TCP sockets are locked during the call, except those in the states TIME_WAIT and NEW_SYN_RECV. From Linux 5.15 on a
/// program may set options of full sockets, which are those whose `tcp` isn't `nil`.
public enum IteratorMeta: KernelStructure {
    /// `bpf_iter_meta`.
    public static var kernelName: StaticString { @inline(__always) get { "bpf_iter_meta" } }
}

extension KernelPointer where Structure == IteratorMeta {
    /// The number of the run, which is unique until the machine restarts (`session_id`).
    public var session: UInt64 { @inline(__always) get { self.session_id } }
    /// The number of objects visited before this one (`seq_num`).
    public var position: UInt64 { @inline(__always) get { self.seq_num } }
}
