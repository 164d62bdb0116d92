// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// The kernel's clock for BPF programs.
public enum KernelClock {
    /// The time of CLOCK_MONOTONIC in nanoseconds, the same as `bpf_ktime_get_ns` returns.
    public static var nowNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Suspends the calling thread for this many milliseconds, at least.
    public static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}
