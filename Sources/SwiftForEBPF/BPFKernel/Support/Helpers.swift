// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The kernel's clocks, for programs.
public enum Clock {
    /// CLOCK_MONOTONIC, nanoseconds; it stands still while the machine sleeps (`bpf_ktime_get_ns`).
    public static var nanoseconds: UInt64 { @inline(__always) get { bpf_ktime_get_ns() } }
}

/// The CPU that runs the program.
public enum Processor {
    /// Its number (`bpf_get_smp_processor_id`).
    public static var current: UInt32 { @inline(__always) get { bpf_get_smp_processor_id() } }
}

/// The task that the program interrupts or serves.
public enum Task {
    /// Its process (`bpf_get_current_pid_tgid`, upper half).
    public static var process: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: bpf_get_current_pid_tgid() >> 32) }
    }
    /// Its thread (the lower half).
    public static var thread: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: bpf_get_current_pid_tgid()) }
    }
}

/// Random numbers that are good enough to sample with, and not for secrets.
public enum Random {
    /// 32 bits (`bpf_get_prandom_u32`).
    public static var next: UInt32 { @inline(__always) get { bpf_get_prandom_u32() } }
}

/// Lines for debugging, in /sys/kernel/tracing/trace_pipe.
public enum Trace {
    /// Prints a line (`bpf_trace_printk`). Slow, and one for all programs of the machine: take it out when it has served.
    ///
    /// - Parameters:
    ///   - format: with at most three of `%d %u %x %ld %lu %lx %p %s`; a literal.
    ///   - first: what the first of them stands for.
    ///   - second: what the second stands for.
    ///   - third: what the third stands for.
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
    /// Adds a number, wrapping around; atomic among CPUs (`BPF_ATOMIC` of `BPF_ADD`).
    @inline(__always)
    public func atomicAdd(_ amount: UInt64) { bpf_atomic_add(self, amount) }
}
