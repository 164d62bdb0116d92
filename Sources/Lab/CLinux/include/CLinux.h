// SPDX-License-Identifier: Apache-2.0
// Linux calls that Swift's Glibc module lacks, or whose C declaration Swift cannot import (variadic functions,
// feature-test macros). Each returns what the call returns, and leaves errno as the call left it.
//
// This header includes no system header: with _GNU_SOURCE some structures differ from those in the Glibc module, and
// the compiler refuses two modules that disagree. Pointers to such structures are therefore untyped here.
#ifndef BATON_CLINUX_H
#define BATON_CLINUX_H

#include <stdint.h>

#include "CLinuxSockets.h"

/// setns(2) for a network namespace: it moves the calling thread only.
int clinux_set_network_namespace(int descriptor);

/// ppoll(2) on `count` structures pollfd, without a signal mask. A negative timeout waits forever.
int clinux_poll(void *descriptors, unsigned long count, int64_t timeout_nanoseconds);

/// TUNSETIFF: one read is one packet of at most the MTU, without a header (no IFF_VNET_HDR, so checksums are complete
/// and nothing is segmented later).
int clinux_attach_tun(int descriptor, const char *name);

/// SCHED_FIFO for the calling thread; its children start as ordinary processes.
int clinux_schedule_fifo(int priority);

/// How late the kernel may fire this thread's timers (default 50 µs).
int clinux_set_timer_slack(unsigned long nanoseconds);

/// The signal that the kernel sends this process when the *thread* that started it ends; kept across execve(2).
int clinux_set_parent_death_signal(int number);

/// Blocks the signals of a sigset_t for this thread and returns a descriptor that reads them (signalfd(2)).
int clinux_signal_descriptor(const void *set);

/// The number of the next signal, or -1 (EAGAIN: none).
int clinux_read_signal(int descriptor);

/// pipe2(2) with O_CLOEXEC: the two ends are written to `ends`.
int clinux_make_pipe(int ends[2]);

/// pidfd_open(2), Linux 5.3: readable once the process has ended.
int clinux_open_process(int process);

/// Asks for the time at which the kernel received each datagram (SO_TIMESTAMPNS).
int clinux_enable_timestamps(int descriptor);

/// Receives the next datagram. Returns when the kernel received it, in nanoseconds of CLOCK_REALTIME; -1 on failure.
int64_t clinux_receive_timestamp(int descriptor);

#endif
