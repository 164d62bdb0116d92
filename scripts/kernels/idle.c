// SPDX-License-Identifier: Apache-2.0

/// What an emulated CPU does while the guest is idle, for a clock that counts its instructions.
///
/// If the CPU halts, QEMU has two ways to count idle time, and neither is exact. With the host's time, a busy host
/// wakes the guest too late. With a jump to the next timer, a file access that takes the host 0.1 ms may take the guest
/// seconds. So the CPU never halts: this process runs when no other is runnable, since SCHED_IDLE yields to all others
/// at once. Its instructions make the guest's time pass about four times as fast as the host's.
///
///     idle &                 runs until the machine is turned off

#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

int main(void) {
    struct sched_param parameters = {0};
    if (sched_setscheduler(0, SCHED_IDLE, &parameters)) {
        perror("idle: SCHED_IDLE");
        return 1;
    }
    for (;;) {
        // QEMU translates a NOP into nothing, and counts it. More of them make time pass faster, including the time for
        // which the guest waits for a file of the host.
        __asm__ volatile(".rept 40\n nop\n .endr");
    }
}
