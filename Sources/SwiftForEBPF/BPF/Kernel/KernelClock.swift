// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// The kernel's clock for BPF programs.
public enum KernelClock {
    /// CLOCK_MONOTONIC in nanoseconds, what `bpf_ktime_get_ns` gives.
    public static var nowNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Lets time pass.
    public static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}
