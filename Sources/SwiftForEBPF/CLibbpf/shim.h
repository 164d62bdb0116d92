/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/sysmacros.h>

/* Moves the calling thread to another namespace (setns(2)). Glibc declares it only under _GNU_SOURCE. */
int setns(int descriptor, int kind);
