// SPDX-License-Identifier: Apache-2.0
// The target is its header; a C target needs one source to be built.
#include "CLinux.h"
