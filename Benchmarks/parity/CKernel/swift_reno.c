/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The twin of Examples/congestion-control's SwiftReno.swift. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* How much of the window remains after a loss, in per cent. */
volatile const __u32 keptPercent = 70;

/* The loader finds fields by name in the running kernel's BTF (CO-RE). */
struct sock {
	unsigned long sk_pacing_rate;
} __attribute__((preserve_access_index));

struct tcp_sock {
	__u32 snd_cwnd;
} __attribute__((preserve_access_index));

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

extern void tcp_reno_cong_avoid(struct sock *sk, __u32 ack, __u32 acked) __ksym;
extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;

SEC("struct_ops/ssthresh")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u32 kept = tp->snd_cwnd * keptPercent / 100;

	return kept > 2 ? kept : 2;
}

SEC("struct_ops/cong_avoid")
void BPF_PROG(congAvoid, struct sock *sk, __u32 ack, __u32 acked)
{
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC("struct_ops/undo_cwnd")
__u32 BPF_PROG(undoCwnd, struct sock *sk)
{
	return tcp_reno_undo_cwnd(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops c_reno = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)congAvoid,
	.undo_cwnd = (void *)undoCwnd,
	.name = "c_reno",
};
