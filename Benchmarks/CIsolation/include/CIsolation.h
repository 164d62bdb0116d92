/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CISOLATION_H
#define CISOLATION_H

/* Before main, this library gives the process its own network namespace and mount namespace, with loopback up and an
 * empty bpffs at /sys/fs/bpf. They end with the process, however it ends. A namespace belongs to a thread and the
 * threads that it creates, so this must happen while there is only one thread. */

/* The errno of the call that failed; 0 if all succeeded. */
int isolation_error(void);
/* The name of the call that failed, for messages; "" if all succeeded. */
const char *isolation_failed_call(void);

/* When this process ends, by exit, by ^C or by a crash, moves it back to the cgroup 'home' and removes 'cgroup'. At most
 * eight cgroups can be registered.
 *
 * cgroup, home: directories of cgroups, shorter than 256 bytes.
 * Returns 0, or -1 with errno E2BIG. */
int isolation_remove_at_exit(const char *cgroup, const char *home);

/* The kernel counts the time and the calls of programs while the descriptor is open (BPF_ENABLE_STATS, Linux 5.8).
 * Returns the descriptor, or -1 with errno. */
int isolation_count_program_time(void);

#endif
