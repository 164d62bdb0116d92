// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "Dual BSD/GPL"

/// Does nothing: what a sock_ops program costs by being there.
@section("sockops")
func nothing(_ socket: SockOps) -> SockOps.Verdict { .proceed }
