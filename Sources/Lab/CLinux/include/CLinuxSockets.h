// SPDX-License-Identifier: Apache-2.0
// The kernel's state of TCP sockets: TCP_INFO of one of this process's sockets, or of all in a network namespace
// through NETLINK_SOCK_DIAG (sock_diag(7), linux/inet_diag.h).
#ifndef BATON_CLINUX_SOCKETS_H
#define BATON_CLINUX_SOCKETS_H

#include <stdint.h>

/// A TCP connection at one moment. Names in the comments are those of struct tcp_info, linux/tcp.h.
struct clinux_tcp_state {
    /// The peer's address, IPv4 as ::ffff:a.b.c.d; network byte order. Not filled by clinux_read_tcp_state.
    uint8_t remote_address[16];
    /// The peer's port. Not filled by clinux_read_tcp_state.
    uint16_t remote_port;
    /// Name of the congestion control; the last byte is 0.
    char congestion_control[16];
    /// tcpi_snd_cwnd.
    uint32_t cwnd_segments;
    /// tcpi_snd_ssthresh; 0x7fffffff is infinite.
    uint32_t ssthresh_segments;
    /// tcpi_snd_mss.
    uint32_t mss_bytes;
    /// tcpi_rtt: smoothed.
    uint32_t rtt_microseconds;
    /// tcpi_unacked.
    uint32_t segments_in_flight;
    /// tcpi_total_retrans.
    uint32_t retransmits;
    /// tcpi_pacing_rate; UINT64_MAX is unlimited.
    uint64_t pacing_bytes_per_second;
    /// tcpi_delivery_rate.
    uint64_t delivery_bytes_per_second;
    /// tcpi_bytes_acked.
    uint64_t bytes_acknowledged;
};

/// The state of a connected socket (getsockopt TCP_INFO, TCP_CONGESTION).
int clinux_read_tcp_state(int descriptor, struct clinux_tcp_state *state);

/// A socket for queries about the sockets of the network namespace that the calling thread is in now.
int clinux_open_socket_diagnosis(void);

/// The states of all connections, of both families, that have this local port and may still send.
///
/// Returns how many there are, of which at most `capacity` are written; -1 on failure. `sequence` must differ from that
/// of the previous call. One call walks the kernel's whole table of connections, whose size depends on the machine's
/// memory; the request of the first version (TCPDIAG_GETSOCK) covers both families in one walk.
long clinux_list_tcp_states(
    int descriptor, uint16_t local_port, uint32_t sequence, struct clinux_tcp_state *states, long capacity);

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC.
int clinux_accept(int descriptor);

/// F_SETPIPE_SZ: sets a pipe's capacity in bytes.
int clinux_set_pipe_size(int descriptor, int bytes);

#endif
