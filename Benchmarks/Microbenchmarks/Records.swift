// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared

extension Handover {
    /// Attaches the handover with the policy `exact` to a cgroup, pinned in this process's own bpffs.
    ///
    /// - Parameter capacity: the number of endpoints that it has room for.
    static func benchmarked(on cgroup: Cgroup, capacity: UInt32 = Settings().capacity) throws -> Handover {
        var settings = Settings()
        // 'exact' does all its work on a connection at once. 'careful' works on each acknowledgement, and it doesn't
        // jump if the window is only a few of loopback's large segments.
        settings.policy = .exact
        settings.capacity = capacity
        settings.lifetime = .seconds(86_400)
        try Handover.attach(to: cgroup, settings: settings)
        return try Handover()
    }
}

extension RemoteEndpoint {
    /// The endpoint with a number: an IPv6 address in 2001:db8::/32.
    init(number: Int) {
        self.init(
            IPv6Address(
                word0: UInt32(0x2001_0db8).bigEndian, word1: 0, word2: 0,
                word3: UInt32(truncatingIfNeeded: number).bigEndian))
    }
}

extension SavedParameters {
    /// The record of a QUIC connection with a window of 400 kB and an RTT of 20 ms.
    static func example(hasFailed: Bool = true, srttMicroseconds: UInt32 = 20_000) -> SavedParameters {
        let now = KernelClock.nowNanoseconds
        return SavedParameters(
            cwndBytes: 400_000, ssthreshBytes: 300_000, savedAtNanoseconds: now, lastHeardAtNanoseconds: now,
            lifetimeNanoseconds: 0, generation: now, srttMicroseconds: srttMicroseconds, minRTTMicroseconds: 0,
            flags: hasFailed ? failedFlag : 0)
    }
}
