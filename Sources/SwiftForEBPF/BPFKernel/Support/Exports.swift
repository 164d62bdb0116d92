// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

// Addresses and prefixes, which user space shares.
@_exported import BPFShared
