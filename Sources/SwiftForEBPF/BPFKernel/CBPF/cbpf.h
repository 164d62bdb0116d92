/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What Swift can't express: the kernel's helpers, which are calls of constant addresses (enum bpf_func_id in
 * <linux/bpf.h>), loads that the compiler must not merge, and facts about the running kernel that only the loader
 * knows.
 */
#pragma once
#include <linux/bpf.h>

#define BPF_INLINE static inline __attribute__((always_inline))

#define BPF_HELPER(name, number, result, parameters, ...)                      \
    BPF_INLINE result bpf_##name parameters                                    \
    {                                                                          \
        return ((result(*) parameters)(long)number)(__VA_ARGS__);              \
    }

/* Maps */
BPF_HELPER(map_lookup_elem, 1, void *, (const void *map, const void *key), map, key)
BPF_HELPER(map_update_elem, 2, long, (const void *map, const void *key, const void *value, __u64 flags),
           map, key, value, flags)
BPF_HELPER(map_delete_elem, 3, long, (const void *map, const void *key), map, key)
BPF_HELPER(map_push_elem, 87, long, (const void *map, const void *value, __u64 flags), map, value, flags)
BPF_HELPER(map_pop_elem, 88, long, (const void *map, void *value), map, value)
BPF_HELPER(map_peek_elem, 89, long, (const void *map, void *value), map, value)
BPF_HELPER(sk_storage_get, 107, void *, (const void *map, void *socket, const void *value, __u64 flags),
           map, socket, value, flags)
BPF_HELPER(sk_storage_delete, 108, long, (const void *map, void *socket), map, socket)
BPF_HELPER(ringbuf_output, 130, long, (const void *map, const void *data, __u64 size, __u64 flags),
           map, data, size, flags)
BPF_HELPER(ringbuf_reserve, 131, void *, (const void *map, __u64 size, __u64 flags), map, size, flags)
BPF_HELPER(ringbuf_submit, 132, void, (void *data, __u64 flags), data, flags)
BPF_HELPER(ringbuf_discard, 133, void, (void *data, __u64 flags), data, flags)

/* Time, tasks, trace */
BPF_HELPER(ktime_get_ns, 5, __u64, (void))
BPF_HELPER(get_prandom_u32, 7, __u32, (void))
BPF_HELPER(get_smp_processor_id, 8, __u32, (void))
BPF_HELPER(get_current_pid_tgid, 14, __u64, (void))
BPF_HELPER(probe_read_kernel, 113, long, (void *target, __u32 size, const void *source), target, size, source)
BPF_INLINE long bpf_trace_printk(const char *format, __u32 size, __u64 a, __u64 b, __u64 c)
{
    return ((long (*)(const char *, __u32, ...))6)(format, size, a, b, c);
}

/* Sockets and packets */
BPF_HELPER(skb_load_bytes, 26, long, (const void *context, __u32 offset, void *target, __u32 size),
           context, offset, target, size)
BPF_HELPER(get_socket_cookie, 46, __u64, (void *context), context)
BPF_HELPER(setsockopt, 49, long, (void *context, int level, int name, const void *value, int length),
           context, level, name, value, length)
BPF_HELPER(getsockopt, 57, long, (void *context, int level, int name, void *value, int length),
           context, level, name, value, length)
BPF_HELPER(sock_ops_cb_flags_set, 59, long, (struct bpf_sock_ops *context, int flags), context, flags)
BPF_HELPER(tcp_sock, 96, struct bpf_tcp_sock *, (struct bpf_sock *socket), socket)
BPF_HELPER(skc_to_tcp_sock, 137, void *, (void *socket), socket)

/*
 * The verifier rewrites each access to a context (struct bpf_sock_ops, xdp_md, __sk_buff). The access must be as wide
 * as the field, at a constant offset from the context itself. LLVM merges neighbouring loads into one of 8 bytes, and
 * the loads of both branches of a condition into one load from a selected address, even if they are volatile. It doesn't
 * merge inline assembly. bpfc replaces inline assembly of exactly this form by an intrinsic of the bpf backend
 * (ProgramModule+ContextLoads).
 */
#ifdef __riscv
#define BPF_CONTEXT_LOAD_AS(qualifier, prefix, type, name, field)                                           \
    BPF_INLINE __u64 prefix##_##name(const type *context)                                                   \
    {                                                                                                       \
        __u64 value;                                                                                        \
        __asm__ qualifier("%0 = *(u32 *)(%1 + %2)"                                                          \
                          : "=r"(value)                                                                     \
                          : "r"(context), "i"(__builtin_offsetof(type, field)));                            \
        return value;                                                                                       \
    }
#else
/* For tools that only read this header, such as an editor or a documentation compiler. */
#define BPF_CONTEXT_LOAD_AS(qualifier, prefix, type, name, field)                                           \
    BPF_INLINE __u64 prefix##_##name(const type *context) { return *(const __u32 *)&context->field; }
#endif

/* A field that doesn't change while the program runs, so one load is enough. */
#define BPF_CONTEXT_LOAD(prefix, type, name, field) BPF_CONTEXT_LOAD_AS(, prefix, type, name, field)
/* A field that a helper may change. */
#define BPF_CONTEXT_LOAD_VOLATILE(prefix, type, name, field) \
    BPF_CONTEXT_LOAD_AS(volatile, prefix, type, name, field)

#define SOCK_OPS_LOAD(name, field) BPF_CONTEXT_LOAD(sock_ops, struct bpf_sock_ops, name, field)
#define SOCK_OPS_LOAD_VOLATILE(name, field) BPF_CONTEXT_LOAD_VOLATILE(sock_ops, struct bpf_sock_ops, name, field)
SOCK_OPS_LOAD(op, op)
SOCK_OPS_LOAD(argument0, args[0])
SOCK_OPS_LOAD(argument1, args[1])
SOCK_OPS_LOAD(argument2, args[2])
SOCK_OPS_LOAD(family, family)
SOCK_OPS_LOAD(remote_ip4, remote_ip4)
SOCK_OPS_LOAD(local_ip4, local_ip4)
SOCK_OPS_LOAD(remote_ip6_0, remote_ip6[0])
SOCK_OPS_LOAD(remote_ip6_1, remote_ip6[1])
SOCK_OPS_LOAD(remote_ip6_2, remote_ip6[2])
SOCK_OPS_LOAD(remote_ip6_3, remote_ip6[3])
SOCK_OPS_LOAD(local_ip6_0, local_ip6[0])
SOCK_OPS_LOAD(local_ip6_1, local_ip6[1])
SOCK_OPS_LOAD(local_ip6_2, local_ip6[2])
SOCK_OPS_LOAD(local_ip6_3, local_ip6[3])
SOCK_OPS_LOAD(remote_port, remote_port)
SOCK_OPS_LOAD(local_port, local_port)
SOCK_OPS_LOAD(is_fullsock, is_fullsock)
SOCK_OPS_LOAD_VOLATILE(snd_cwnd, snd_cwnd)
SOCK_OPS_LOAD_VOLATILE(snd_ssthresh, snd_ssthresh)
SOCK_OPS_LOAD_VOLATILE(srtt_us, srtt_us)
SOCK_OPS_LOAD_VOLATILE(rtt_min, rtt_min)
SOCK_OPS_LOAD_VOLATILE(mss_cache, mss_cache)
SOCK_OPS_LOAD_VOLATILE(state, state)
SOCK_OPS_LOAD_VOLATILE(segs_out, segs_out)
SOCK_OPS_LOAD_VOLATILE(data_segs_out, data_segs_out)
SOCK_OPS_LOAD_VOLATILE(total_retrans, total_retrans)
SOCK_OPS_LOAD_VOLATILE(callback_flags, bpf_sock_ops_cb_flags)

BPF_INLINE struct bpf_sock *sock_ops_sk(struct bpf_sock_ops *context)
{
    return context->sk;
}

#define XDP_LOAD(name, field) BPF_CONTEXT_LOAD(xdp, struct xdp_md, name, field)
/*
 * The verifier turns these two into 64-bit pointers. The operands are swapped so that bpfc doesn't replace the
 * instruction: otherwise LLVM would conclude that 32 bits are enough.
 */
#ifdef __riscv
#define XDP_LOAD_POINTER(field)                                                                             \
    BPF_INLINE __u64 xdp_##field(const struct xdp_md *context)                                              \
    {                                                                                                       \
        __u64 value;                                                                                        \
        __asm__("%0 = *(u32 *)(%2 + %1)"                                                                    \
                : "=r"(value)                                                                               \
                : "i"(__builtin_offsetof(struct xdp_md, field)), "r"(context));                             \
        return value;                                                                                       \
    }
#else
#define XDP_LOAD_POINTER(field) XDP_LOAD(field, field)
#endif
XDP_LOAD_POINTER(data)
XDP_LOAD_POINTER(data_end)
XDP_LOAD(ingress_ifindex, ingress_ifindex)
XDP_LOAD(rx_queue_index, rx_queue_index)

/* A pointer into a packet. It is never null, which the compiler can't know. */
BPF_INLINE void *_Nonnull bpf_packet_place(__u64 address)
{
    return (void *)address;
}

#define SKB_LOAD(name, field) BPF_CONTEXT_LOAD(skb, struct __sk_buff, name, field)
SKB_LOAD(len, len)
SKB_LOAD(mark, mark)
SKB_LOAD(protocol, protocol)
SKB_LOAD(ifindex, ifindex)
SKB_LOAD(family, family)
SKB_LOAD(remote_ip4, remote_ip4)
SKB_LOAD(local_ip4, local_ip4)
SKB_LOAD(remote_ip6_0, remote_ip6[0])
SKB_LOAD(remote_ip6_1, remote_ip6[1])
SKB_LOAD(remote_ip6_2, remote_ip6[2])
SKB_LOAD(remote_ip6_3, remote_ip6[3])
SKB_LOAD(remote_port, remote_port)
SKB_LOAD(local_port, local_port)

/*
 * The address of a variable that doesn't change while the program runs. The compiler must not assume its initial value.
 * The assembly isn't volatile, so the compiler needs to load the value only once.
 */
BPF_INLINE void *_Nonnull bpf_opaque(void *_Nonnull pointer)
{
    __asm__("" : "+r"(pointer));
    return pointer;
}

/* Atomic with respect to other CPUs. All kernels have the instruction, because the result isn't used. */
BPF_INLINE void bpf_atomic_add(__u64 *target, __u64 value)
{
    (void)__atomic_fetch_add(target, value, __ATOMIC_RELAXED);
}

/*
 * What the loader fills in about a field of a kernel structure (CO-RE). bpfc turns each call into a relocation.
 * 'nomerge' keeps LLVM from merging two calls into one.
 */
enum bpfc_field_info {
    BPFC_FIELD_OFFSET = 0, /* BPF_CORE_FIELD_BYTE_OFFSET */
    BPFC_FIELD_EXISTS = 2, /* BPF_CORE_FIELD_EXISTS */
};
enum bpfc_field_shape {
    BPFC_SHAPE_INTEGER,
    BPFC_SHAPE_POINTER,
    BPFC_SHAPE_STRUCTURE,
    BPFC_SHAPE_ENUMERATION,
    BPFC_SHAPE_ARRAY,
};

__u64 bpfc_field(const void *type, const void *member, __u32 info, __u32 shape, __u64 bytes)
    __attribute__((const, nothrow));

BPF_INLINE __u64 bpf_kernel_field(const void *type, const void *member, __u32 info, __u32 shape, __u64 bytes)
{
    __attribute__((nomerge)) return bpfc_field(type, member, info, shape, bytes);
}
