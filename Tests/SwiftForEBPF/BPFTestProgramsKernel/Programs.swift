// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BPFTestProgramsShared

/// Counts, remembers and reports the connections of a cgroup.
@section("sockops")
func count(_ socket: SockOps) -> SockOps.Verdict {
    let operation = socket.operation
    if let counter = calls[operation.rawValue & 31] { counter.pointee &+= 1 }
    guard operation == .activeEstablished || operation == .passiveEstablished else { return .proceed }
    connections.add(1, to: socket.remoteIPv4)
    var sample = Sample(
        cookie: socket.cookie, peer: socket.remoteAddress, localPort: socket.localPort,
        isPassive: operation == .passiveEstablished)
    recent.update(sample, for: sample.peer)
    if let full = socket.socket { _ = marks.create(sample.cookie, for: full) }
    if !events.output(&sample), let count = lost[0] { count.pointee &+= 1 }
    return .proceed
}

/// To be put into the place of `count`: does nothing.
@section("sockops")
func ignore(_ socket: SockOps) -> SockOps.Verdict { .proceed }

/// Counts a cgroup's packets, and drops them if it is told to.
@section("cgroup_skb/egress")
func filter(_ packet: CgroupSKB) -> CgroupSKB.Verdict {
    packets.add(1, to: packet.localPort)
    guard let settings = settings[0], settings.pointee.dropsAll else { return .allow }
    return .drop
}

/// Treats packets as the table says.
@section("xdp")
func route(_ packet: XDP) -> XDP.Action {
    guard let header = packet.ipv4, let action = routes[header.pointee.source] else { return .pass }
    return action.pointee == 1 ? .drop : .pass
}

/// To be put into the place of `route`: takes numbers out of the queue, and sends each packet back.
@section("xdp")
func drain(_ packet: XDP) -> XDP.Action {
    var number: UInt64 = 0
    if pending.pop(into: &number) { pending.push(number &+ UInt64(step.value)) }
    return .transmit
}

/// Counts the system calls of a process.
@section("raw_tp/sys_enter")
func traceCalls(_ registers: UInt64, number: UInt64) {
    if tracedProcess.value != 0, Task.process == tracedProcess.value, let counter = calls[31] {
        counter.pointee &+= 1
    }
}

/// Counts calls of a function that the kernel has for tests.
@section("fentry/bpf_fentry_test1")
func traceFunction(_ argument: Int32) -> Int32 {
    if let counter = calls[30] { counter.pointee &+= 1 }
    return 0
}

/// Counts a network namespace's TCP sockets, and gives those of a port Reno as their congestion control.
@section("iter/tcp")
func visit(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<SockCommon>?) {
    guard let socket else { return }
    if let counter = calls[29] { counter.pointee &+= 1 }
    guard UInt32(socket.localPort) == changedPort.value, let tcp = socket.tcp else { return }
    var reno = (0x6f6e_6572, 0) as (UInt64, UInt64)  // "reno"
    _ = withUnsafeMutablePointer(to: &reno) { tcp.setCongestionControl($0) }
}

/// Counts a network namespace's UDP sockets.
@section("iter/udp")
func visitUDP(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<UDPSock>?, uid: UInt32, bucket: Int32) {
    guard socket != nil, let counter = calls[28] else { return }
    counter.pointee &+= 1
}

/// The least that the kernel asks of a congestion control.
@section("struct_ops/tcp_congestion_ops/bpftest/ssthresh")
func slowStartThreshold(_ socket: TCPSocket) -> UInt32 { 2 }

@section("struct_ops/tcp_congestion_ops/bpftest/undo_cwnd")
func undoneWindow(_ socket: TCPSocket) -> UInt32 { socket.congestionWindow }

@section("struct_ops/tcp_congestion_ops/bpftest/cong_avoid")
func avoidCongestion(_ socket: TCPSocket, ack: UInt32, acked: UInt32) {}
