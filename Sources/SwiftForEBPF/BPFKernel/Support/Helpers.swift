// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The kernel's clock for programs.
public enum Clock {
    /// The time of CLOCK_MONOTONIC in nanoseconds, which doesn't advance while the machine is suspended
    /// (`bpf_ktime_get_ns`).
    public static var nanoseconds: UInt64 { @inline(__always) get { bpf_ktime_get_ns() } }
}

/// The CPU that runs the program.
public enum Processor {
    /// Its number (`bpf_get_smp_processor_id`).
    public static var current: UInt32 { @inline(__always) get { bpf_get_smp_processor_id() } }
}

/// The task that is current while the program runs.
public enum Task {
    /// Its process ID (`tgid`, the upper half of `bpf_get_current_pid_tgid`).
    public static var process: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: bpf_get_current_pid_tgid() >> 32) }
    }
    /// Its thread ID (`pid`, the lower half of `bpf_get_current_pid_tgid`).
    public static var thread: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: bpf_get_current_pid_tgid()) }
    }
}

/// Pseudo-random numbers: good enough for sampling, not for secrets.
public enum Random {
    /// The next random number, of 32 bits (`bpf_get_prandom_u32`).
    public static var next: UInt32 { @inline(__always) get { bpf_get_prandom_u32() } }
}

/// Debug output to /sys/kernel/tracing/trace_pipe.
public enum Trace {
    /// Prints a line (`bpf_trace_printk`). It is slow, and all programs of the machine share the output: remove it
    /// after debugging.
    ///
    /// - Parameters:
    ///   - format: a literal with at most three of `%d %u %x %ld %lu %lx %p %s`.
    ///   - first: the value for the first of them.
    ///   - second: the value for the second.
    ///   - third: the value for the third.
    @inline(__always)
    public static func print(
        _ format: StaticString, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0
    ) {
        _ = bpf_trace_printk(
            UnsafeRawPointer(format.utf8Start).assumingMemoryBound(to: CChar.self),
            UInt32(truncatingIfNeeded: format.utf8CodeUnitCount) &+ 1, first, second, third)
    }
}

extension UnsafeMutablePointer where Pointee == UInt64 {
    /// Adds a number, and wraps around on overflow (`BPF_ATOMIC | BPF_ADD`). This is atomic with respect to other CPUs.
    @inline(__always)
    public func atomicAdd(_ amount: UInt64) { bpf_atomic_add(self, amount) }
}
