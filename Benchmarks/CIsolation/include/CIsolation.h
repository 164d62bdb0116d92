/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CISOLATION_H
#define CISOLATION_H

/* Before main: a network namespace and a mount namespace of this process's own, with loopback up and an empty bpffs
 * at /sys/fs/bpf. They end with the process, whatever ends it. A namespace belongs to a thread and those that it
 * makes, so this has to happen while there is only one. */

/* errno of what failed of that; 0: all of it is there. */
int isolation_error(void);
/* The call that failed, for people; "" if none did. */
const char *isolation_failed_call(void);

/* Goes back to a cgroup and removes another one when this process ends: by exit, by ^C, by a crash. At most eight.
 *
 * cgroup, home: directories of cgroups, shorter than 256 bytes.
 * Returns 0, or -1 with errno E2BIG. */
int isolation_remove_at_exit(const char *cgroup, const char *home);

/* The kernel counts programs' time and calls as long as the descriptor is open (BPF_ENABLE_STATS, bpf(2), Linux 5.8).
 * Returns the descriptor, or -1 with errno. */
int isolation_count_program_time(void);

#endif
