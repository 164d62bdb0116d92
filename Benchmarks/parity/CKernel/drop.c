/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The twin of Examples/drop-by-prefix's DropByPrefix.swift. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";

struct prefix {
	__u32 bit_count;
	__u32 address;
};

/* Packets dropped, by the prefix of their sender. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} blocked SEC(".maps");

SEC("xdp")
int drop(struct xdp_md *packet)
{
	void *data = (void *)(long)packet->data;
	void *end = (void *)(long)packet->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct prefix key = { .bit_count = 32 };
	__u64 *dropped;

	if ((void *)(ethernet + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	key.address = ip->saddr;
	dropped = bpf_map_lookup_elem(&blocked, &key);
	if (!dropped)
		return XDP_PASS;
	__atomic_fetch_add(dropped, 1, __ATOMIC_RELAXED);
	return XDP_DROP;
}
