/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What Swift can't say by itself: the kernel's helpers, which are calls of constant addresses (enum bpf_func_id in
 * <linux/bpf.h>), loads that the compiler must not merge, and offsets that only the loader knows.
 */
#pragma once
#include <linux/bpf.h>

#define BPF_HELPER(name, number, result, parameters, ...)                      \
    static inline __attribute__((always_inline)) result bpf_##name parameters  \
    {                                                                          \
        return ((result(*) parameters)(long)number)(__VA_ARGS__);              \
    }

BPF_HELPER(map_lookup_elem, 1, void *, (const void *map, const void *key), map, key)
BPF_HELPER(map_update_elem, 2, long, (const void *map, const void *key, const void *value, __u64 flags),
           map, key, value, flags)
BPF_HELPER(map_delete_elem, 3, long, (const void *map, const void *key), map, key)
BPF_HELPER(ktime_get_ns, 5, __u64, (void))
BPF_HELPER(get_socket_cookie, 46, __u64, (void *context), context)
BPF_HELPER(setsockopt, 49, long, (void *context, int level, int name, const void *value, int length),
           context, level, name, value, length)
BPF_HELPER(getsockopt, 57, long, (void *context, int level, int name, void *value, int length),
           context, level, name, value, length)
BPF_HELPER(sock_ops_cb_flags_set, 59, long, (struct bpf_sock_ops *context, int flags), context, flags)
BPF_HELPER(tcp_sock, 96, struct bpf_tcp_sock *, (struct bpf_sock *socket), socket)
BPF_HELPER(sk_storage_get, 107, void *, (const void *map, void *socket, const void *value, __u64 flags),
           map, socket, value, flags)
BPF_HELPER(sk_storage_delete, 108, long, (const void *map, void *socket), map, socket)
BPF_HELPER(ringbuf_output, 130, long, (const void *map, const void *data, __u64 size, __u64 flags),
           map, data, size, flags)

/*
 * The verifier rewrites each access of struct bpf_sock_ops by its own rules: it must be four bytes wide, at a constant
 * offset from the context itself. LLVM merges neighbouring loads into one of eight bytes, and loads of both branches of a
 * condition into one from a chosen address, even if they are volatile; an instruction of our own it leaves alone.
 */
#define SOCK_OPS_LOAD(name, field)                                                                          \
    static inline __attribute__((always_inline)) __u32 sock_ops_##name(const struct bpf_sock_ops *context)  \
    {                                                                                                       \
        __u64 value;                                                                                        \
        __asm__ volatile("%0 = *(u32 *)(%1 + %2)"                                                           \
                         : "=r"(value)                                                                      \
                         : "r"(context), "i"(__builtin_offsetof(struct bpf_sock_ops, field)));              \
        return (__u32)value;                                                                                \
    }

SOCK_OPS_LOAD(op, op)
SOCK_OPS_LOAD(argument1, args[1])
SOCK_OPS_LOAD(family, family)
SOCK_OPS_LOAD(remote_ip4, remote_ip4)
SOCK_OPS_LOAD(remote_ip6_0, remote_ip6[0])
SOCK_OPS_LOAD(remote_ip6_1, remote_ip6[1])
SOCK_OPS_LOAD(remote_ip6_2, remote_ip6[2])
SOCK_OPS_LOAD(remote_ip6_3, remote_ip6[3])
SOCK_OPS_LOAD(remote_port, remote_port)
SOCK_OPS_LOAD(local_port, local_port)
SOCK_OPS_LOAD(snd_cwnd, snd_cwnd)
SOCK_OPS_LOAD(snd_ssthresh, snd_ssthresh)
SOCK_OPS_LOAD(srtt_us, srtt_us)
SOCK_OPS_LOAD(data_segs_out, data_segs_out)
SOCK_OPS_LOAD(callback_flags, bpf_sock_ops_cb_flags)

static inline __attribute__((always_inline)) struct bpf_sock *sock_ops_sk(struct bpf_sock_ops *context)
{
    return context->sk;
}

/*
 * Offsets in the running kernel's structures. bpfc turns a load of such a symbol into a CO-RE relocation
 * (BPF_CORE_FIELD_BYTE_OFFSET), which the loader resolves from the kernel's BTF.
 */
#define KERNEL_FIELD_OFFSET(type, member)                                                               \
    extern const __u64 type##_##member##_symbol __asm__("field_offset:" #type "." #member);             \
    static inline __attribute__((always_inline)) __u64 offset_of_##type##_##member(void)                \
    {                                                                                                   \
        return type##_##member##_symbol;                                                                \
    }

KERNEL_FIELD_OFFSET(tcp_sock, snd_cwnd)
KERNEL_FIELD_OFFSET(tcp_sock, snd_cwnd_cnt)
KERNEL_FIELD_OFFSET(tcp_sock, snd_ssthresh)
KERNEL_FIELD_OFFSET(tcp_sock, prior_cwnd)
