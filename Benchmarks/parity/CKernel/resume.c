/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The twin of SwiftKernel/Resume.swift. */
/* Without this, clang merges accesses to the context in ways that the verifier refuses. */
struct __attribute__((preserve_static_offset)) bpf_sock_ops;
#include <linux/bpf.h>
#include <linux/in6.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define AF_INET6 10
#define SOL_TCP 6

char LICENSE[] SEC("license") = "GPL";

/* Who may resume: nobody (0), everybody (1), or only those whose QUIC connection has failed (2). */
volatile const __u32 gate = 2;
/* The largest initial window, in segments. */
volatile const __u32 maxSegments = 1000;

struct saved_parameters {
	__u64 window_bytes;
	__u64 saved_at_nanoseconds;
	__u64 lifetime_nanoseconds;
	__u64 has_failed;
};

struct event {
	__u64 time_nanoseconds;
	__u64 window_bytes;
	struct in6_addr peer;
	__u32 remote_port;
	__u32 segments;
	__u32 outcome;
	__u32 reserved;
};

enum outcome {
	NO_RECORD = 0,
	EXPIRED = 1,
	GATED = 2,
	REFUSED = 3,
	RESUMED = 4,
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct in6_addr);
	__type(value, struct saved_parameters);
} saved SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 262144);
} events SEC(".maps");

/* Counts in the CPU's own counter, which needs no atomic operation. */
static __always_inline void count(enum outcome outcome)
{
	__u32 key = outcome;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);

	if (counter)
		*counter += 1;
}

/* Converts bytes to segments of this socket, rounded up; 0 if it isn't a TCP socket. */
static __always_inline __u32 window(__u64 bytes, struct bpf_sock_ops *socket)
{
	struct bpf_sock *sk = socket->sk;
	struct bpf_tcp_sock *tcp;
	__u64 segments;

	if (!sk)
		return 0;
	tcp = bpf_tcp_sock(sk);
	if (!tcp || !tcp->mss_cache)
		return 0;
	segments = (bytes + tcp->mss_cache - 1) / tcp->mss_cache;
	return segments < maxSegments ? segments : maxSegments;
}

static __always_inline void remote_address(struct bpf_sock_ops *socket, struct in6_addr *address)
{
	if (socket->family == AF_INET6) {
		address->in6_u.u6_addr32[0] = socket->remote_ip6[0];
		address->in6_u.u6_addr32[1] = socket->remote_ip6[1];
		address->in6_u.u6_addr32[2] = socket->remote_ip6[2];
		address->in6_u.u6_addr32[3] = socket->remote_ip6[3];
	} else {
		address->in6_u.u6_addr32[0] = 0;
		address->in6_u.u6_addr32[1] = 0;
		address->in6_u.u6_addr32[2] = bpf_htonl(0xffff);
		address->in6_u.u6_addr32[3] = socket->remote_ip4;
	}
}

static __always_inline void decide(struct bpf_sock_ops *socket)
{
	struct saved_parameters *parameters;
	enum outcome outcome;
	struct in6_addr peer;
	struct event *event;
	__u32 segments = 0;
	__u64 now;

	remote_address(socket, &peer);
	parameters = bpf_map_lookup_elem(&saved, &peer);
	if (!parameters) {
		count(NO_RECORD);
		return;
	}
	now = bpf_ktime_get_ns();
	if (now - parameters->saved_at_nanoseconds > parameters->lifetime_nanoseconds) {
		bpf_map_delete_elem(&saved, &peer);
		outcome = EXPIRED;
	} else if (gate == 0 || (gate == 2 && !parameters->has_failed)) {
		outcome = GATED;
	} else {
		segments = window(parameters->window_bytes, socket);
		outcome = segments && !bpf_setsockopt(socket, SOL_TCP, TCP_BPF_IW, &segments, sizeof(segments))
				  ? RESUMED : REFUSED;
	}
	count(outcome);

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return;
	event->time_nanoseconds = now;
	event->window_bytes = parameters->window_bytes;
	event->peer = peer;
	event->remote_port = bpf_ntohl(socket->remote_port);
	event->segments = segments;
	event->outcome = outcome;
	event->reserved = 0;
	bpf_ringbuf_submit(event, 0);
}

SEC("sockops")
int resume(struct bpf_sock_ops *socket)
{
	if (socket->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || socket->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		decide(socket);
	return 1;
}
