// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "Dual BSD/GPL"

// One entry for all clients, key 0. User space writes bytes; this program converts them to segments in place.
var CwndMap = HashMap<UInt32, UInt32>(maxEntries: 1)
var SSThreshMap = HashMap<UInt32, UInt32>(maxEntries: 1)
/// Written by user space, and never read: the document shows no line that reads it.
var FallbackMap = HashMap<UInt32, UInt32>(maxEntries: 1)

/// The program of the document "vsqoe, cwndebpf", called for each connection of the cgroup, accepted or outbound.
///
/// Its defects are kept, since they are what the lab measures: see `CwndEBPF` on the user side. Its debugging output
/// (`bpf_printk`), which costs time and changes nothing, is left out.
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

/// `TCP_BPF_SNDCWND_CLAMP` of <linux/bpf.h>: caps the window for the connection's life, and sets ssthresh to the same.
private var windowClamp: Int32 { @inline(__always) get { 1002 } }

/// The maximum segment size of a path with an MTU of 1500, without TCP options, whatever the connection's own is.
private var segmentSize: UInt32 { @inline(__always) get { 1460 } }

/// 0: the kernel treats it as a refusal, and discards the reply of other programs of the cgroup. `Verdict` deliberately
/// has no name for it.
private var denied: SockOps.Verdict { @inline(__always) get { unsafeBitCast(Int32(0), to: SockOps.Verdict.self) } }

/// Converts the map's value from bytes to segments, rounded up, in the map itself: the next connection does so again.
///
/// - Returns: a pointer to the value; `nil` if there is none, or if it is 0. A missing value is added as 0.
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
