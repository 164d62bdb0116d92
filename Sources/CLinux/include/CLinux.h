// SPDX-License-Identifier: Apache-2.0
// Linux calls that Swift's Glibc module lacks, or that C declares in a way Swift cannot import (variadic functions,
// feature-test macros). Each returns what the call returns and leaves errno as the call left it.
#ifndef BATON_CLINUX_H
#define BATON_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// setns(2) for a network namespace: it moves the calling thread only.
static inline int clinux_set_network_namespace(int descriptor) {
    return setns(descriptor, CLONE_NEWNET);
}

/// ppoll(2) without a signal mask. A negative timeout waits for ever.
static inline int clinux_poll(struct pollfd *descriptors, nfds_t count, int64_t timeout_nanoseconds) {
    struct timespec timeout = {
        .tv_sec = timeout_nanoseconds / 1000000000,
        .tv_nsec = timeout_nanoseconds % 1000000000,
    };
    return ppoll(descriptors, count, timeout_nanoseconds < 0 ? NULL : &timeout, NULL);
}

/// TUNSETIFF: one read is one packet of at most the MTU, without a header (no IFF_VNET_HDR, so checksums are complete
/// and nothing is segmented later).
static inline int clinux_attach_tun(int descriptor, const char *name) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    return ioctl(descriptor, TUNSETIFF, &request);
}

/// SCHED_FIFO for the calling thread; its children start as ordinary processes.
static inline int clinux_schedule_fifo(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
}

/// How late the kernel may fire this thread's timers (default 50 µs).
static inline int clinux_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

/// The signal that the kernel sends this process when the *thread* that started it ends; kept across execve(2).
static inline int clinux_set_parent_death_signal(int number) {
    return prctl(PR_SET_PDEATHSIG, number, 0, 0, 0);
}

/// Blocks the signals of `set` for this thread and returns a descriptor that reads them.
static inline int clinux_signal_descriptor(const sigset_t *set) {
    if (sigprocmask(SIG_BLOCK, set, NULL) < 0) {
        return -1;
    }
    return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The number of the next signal, or -1 (EAGAIN: none).
static inline int clinux_read_signal(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count = read(descriptor, &information, sizeof information);
    return count == sizeof information ? (int)information.ssi_signo : -1;
}

/// pidfd_open(2), Linux 5.3: readable once the process has ended.
static inline int clinux_open_process(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

#endif
