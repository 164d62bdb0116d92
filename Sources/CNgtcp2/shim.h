// SPDX-License-Identifier: Apache-2.0
#ifndef BATON_CNGTCP2_SHIM_H
#define BATON_CNGTCP2_SHIM_H

#include "datagram.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

/*
 * ngtcp2_conn_read_pkt() answers 0 for a packet that it discarded as well as for one that it accepted, and nothing else
 * in its interface tells the two apart. Only a packet of the peer's passes authenticated decryption, so counting those
 * does. The counter belongs to the thread, since the callback is given no connection.
 */
static inline uint64_t *cngtcp2_authenticated(void) {
  static _Thread_local uint64_t count;
  return &count;
}

static inline int cngtcp2_decrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                                  const ngtcp2_crypto_aead_ctx *aead_ctx, const uint8_t *ciphertext,
                                  size_t ciphertextlen, const uint8_t *nonce, size_t noncelen, const uint8_t *aad,
                                  size_t aadlen) {
  int rv = ngtcp2_crypto_decrypt_cb(dest, aead, aead_ctx, ciphertext, ciphertextlen, nonce, noncelen, aad, aadlen);
  if (rv == 0) {
    ++*cngtcp2_authenticated();
  }
  return rv;
}

/* Packets that this thread has authenticated so far. */
static inline uint64_t cngtcp2_authenticated_packets(void) { return *cngtcp2_authenticated(); }

#endif
