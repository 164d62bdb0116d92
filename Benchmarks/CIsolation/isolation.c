/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int error;
static const char *failed_call = "";

int isolation_error(void) { return error; }
const char *isolation_failed_call(void) { return failed_call; }

static int check(int result, const char *call) {
    if (result == 0 || error != 0) return error == 0;
    error = errno;
    failed_call = call;
    return 0;
}

static int bring_loopback_up(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int result = ioctl(descriptor, SIOCSIFFLAGS, &request);
    close(descriptor);
    return result;
}

__attribute__((constructor)) static void isolate(void) {
    if (!check(unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare")) return;
    if (!check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount --make-rprivate /")) return;
    if (!check(mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL), "mount -t bpf bpf /sys/fs/bpf")) return;
    check(bring_loopback_up(), "ip link set lo up");
}

#define MOST 8
#define LONGEST 256
static char cgroups[MOST][LONGEST];
static char home_processes[LONGEST];
static volatile sig_atomic_t count;

/* Makes only calls that are allowed in a signal handler (signal-safety(7)). */
static void clean(void) {
    if (count == 0) return;
    int descriptor = open(home_processes, O_WRONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        ssize_t written = write(descriptor, "0", 1);
        (void)written;
        close(descriptor);
    }
    while (count > 0) rmdir(cgroups[--count]);
}

static void clean_and_die(int signal_number) {
    clean();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

int isolation_remove_at_exit(const char *cgroup, const char *home) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS};
    static const char file[] = "/cgroup.procs";
    if (count == MOST || strlen(cgroup) >= LONGEST || strlen(home) + sizeof file > LONGEST) {
        errno = E2BIG;
        return -1;
    }
    if (count == 0) {
        strcat(strcpy(home_processes, home), file);
        atexit(clean);
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], clean_and_die);
    }
    strcpy(cgroups[count], cgroup);
    count++;
    return 0;
}

int isolation_count_program_time(void) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.enable_stats.type = BPF_STATS_RUN_TIME;
    return (int)syscall(SYS_bpf, BPF_ENABLE_STATS, &attributes, sizeof attributes);
}
