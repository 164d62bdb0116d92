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

#endif
