// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "Dual BSD/GPL"

// One entry for all clients, key 0. User space writes bytes; this program turns them into segments where they lie.
var CwndMap = HashMap<UInt32, UInt32>(maxEntries: 1)
var SSThreshMap = HashMap<UInt32, UInt32>(maxEntries: 1)
/// Written by user space, read by nobody: cwndebpf's document shows no line that does.
var FallbackMap = HashMap<UInt32, UInt32>(maxEntries: 1)

/// cwndebpf's program: what it does for each connection of the cgroup, accepted or outbound.
///
/// Its defects are kept, for they are what is measured: see `CwndEBPF` on the user side. Left out are its lines for
/// debugging (`bpf_printk`), which cost time and change nothing.
@section("sockops")
func cwndEBPF(_ socket: SockOps) -> SockOps.Verdict {
    if socket.isEstablished, let cwnd = segments(&CwndMap) {
        _ = socket.setInitialWindow(cwnd.pointee)
        if let ssthresh = segments(&SSThreshMap) {
            _ = socket.set(.tcp, windowClamp, from: &ssthresh.pointee)
        }
    }
    return denied
}

/// `TCP_BPF_SNDCWND_CLAMP` of <linux/bpf.h>: no larger window for the connection's life, and ssthresh the same.
private var windowClamp: Int32 { @inline(__always) get { 1002 } }

/// The maximum segment size of a path with 1500 bytes, without TCP options, whatever the connection's own is.
private var segmentSize: UInt32 { @inline(__always) get { 1460 } }

/// 0: the kernel takes it for a refusal, and drops what other programs of the cgroup replied. `Verdict` rightly has no
/// name for it.
private var denied: SockOps.Verdict { @inline(__always) get { unsafeBitCast(Int32(0), to: SockOps.Verdict.self) } }

/// Turns the map's value from bytes into segments, rounded up, in the map itself: the next connection does so again.
///
/// - Returns: where the value lies; `nil` if there is none, or 0. Then there is one afterwards, 0.
@inline(__always)
private func segments(_ map: inout HashMap<UInt32, UInt32>) -> UnsafeMutablePointer<UInt32>? {
    guard let value = map[0] else {
        _ = map.insert(0, for: 0)
        return nil
    }
    if value.pointee == 0 { return nil }
    value.pointee = (value.pointee &+ segmentSize &- 1) / segmentSize
    return value
}
