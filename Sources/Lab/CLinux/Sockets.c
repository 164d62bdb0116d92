// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinuxSockets.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

// include/net/tcp_states.h; the kernel does not export them
enum { ESTABLISHED = 1, FIN_WAIT1 = 4, CLOSE_WAIT = 8, LAST_ACK = 9, CLOSING = 11 };
static const uint32_t states_that_send =
    1 << ESTABLISHED | 1 << FIN_WAIT1 | 1 << CLOSE_WAIT | 1 << LAST_ACK | 1 << CLOSING;

/// An older kernel's tcp_info may be shorter, a newer kernel's longer.
static void fill(struct clinux_tcp_state *state, const void *data, size_t length) {
    struct tcp_info information = {0};
    memcpy(&information, data, length < sizeof information ? length : sizeof information);
    state->cwnd_segments = information.tcpi_snd_cwnd;
    state->ssthresh_segments = information.tcpi_snd_ssthresh;
    state->mss_bytes = information.tcpi_snd_mss;
    state->rtt_microseconds = information.tcpi_rtt;
    state->segments_in_flight = information.tcpi_unacked;
    state->retransmits = information.tcpi_total_retrans;
    state->pacing_bytes_per_second = information.tcpi_pacing_rate;
    state->delivery_bytes_per_second = information.tcpi_delivery_rate;
    state->bytes_acknowledged = information.tcpi_bytes_acked;
}

int clinux_read_tcp_state(int descriptor, struct clinux_tcp_state *state) {
    memset(state, 0, sizeof *state);
    struct tcp_info information;
    socklen_t length = sizeof information;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &information, &length) < 0) {
        return -1;
    }
    fill(state, &information, length);
    length = sizeof state->congestion_control - 1;
    return getsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, state->congestion_control, &length);
}

int clinux_open_socket_diagnosis(void) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (descriptor >= 0) {
        // the kernel answers within the call; the limit avoids waiting forever if it does not
        struct timeval limit = {.tv_sec = 1};
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    return descriptor;
}

static int ask(int descriptor, uint16_t local_port, uint32_t sequence) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req request;
    } message = {
        .header = {
            .nlmsg_len = sizeof message,
            .nlmsg_type = TCPDIAG_GETSOCK,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
            .nlmsg_seq = sequence,
        },
        .request = {
            .idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1),
            .id.idiag_sport = htons(local_port),
            .idiag_states = states_that_send,
        },
    };
    return send(descriptor, &message, sizeof message, 0) < 0 ? -1 : 0;
}

static void take(struct clinux_tcp_state *state, const struct nlmsghdr *header) {
    const struct inet_diag_msg *message = NLMSG_DATA(header);
    memset(state, 0, sizeof *state);
    if (message->idiag_family == AF_INET) {
        state->remote_address[10] = state->remote_address[11] = 0xff;
        memcpy(state->remote_address + 12, message->id.idiag_dst, 4);
    } else {
        memcpy(state->remote_address, message->id.idiag_dst, 16);
    }
    state->remote_port = ntohs(message->id.idiag_dport);
    int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *message));
    for (const struct rtattr *each = (const void *)(message + 1); RTA_OK(each, left); each = RTA_NEXT(each, left)) {
        if (each->rta_type == INET_DIAG_INFO) {
            fill(state, RTA_DATA(each), RTA_PAYLOAD(each));
        } else if (each->rta_type == INET_DIAG_CONG) {
            strncpy(state->congestion_control, RTA_DATA(each), sizeof state->congestion_control - 1);
        }
    }
}

long clinux_list_tcp_states(
    int descriptor, uint16_t local_port, uint32_t sequence, struct clinux_tcp_state *states, long capacity) {
    if (ask(descriptor, local_port, sequence) < 0) {
        return -1;
    }
    _Alignas(struct nlmsghdr) char data[32768];
    long found = 0;
    while (1) {
        int left = (int)recv(descriptor, data, sizeof data, 0);
        if (left < 0 && errno == EINTR) {
            continue;
        }
        if (left < 0) {
            return -1;
        }
        for (const struct nlmsghdr *each = (const void *)data; NLMSG_OK(each, (uint32_t)left);
             each = NLMSG_NEXT(each, left)) {
            if (each->nlmsg_seq != sequence) {
                continue;  // the rest of an earlier, abandoned answer
            }
            if (each->nlmsg_type == NLMSG_DONE) {
                return found;
            }
            if (each->nlmsg_type == NLMSG_ERROR) {
                errno = -((const struct nlmsgerr *)NLMSG_DATA(each))->error;
                return -1;
            }
            if (found < capacity) {
                take(&states[found], each);
            }
            found++;
        }
    }
}

int clinux_accept(int descriptor) {
    return accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_set_pipe_size(int descriptor, int bytes) {
    return fcntl(descriptor, F_SETPIPE_SZ, bytes);
}
