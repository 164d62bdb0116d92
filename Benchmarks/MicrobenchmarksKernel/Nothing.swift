// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "Dual BSD/GPL"

/// Does nothing, to measure the cost of any sock_ops program.
@section("sockops")
func nothing(_ socket: SockOps) -> SockOps.Verdict { .proceed }
