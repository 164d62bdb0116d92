// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// A TCP connection's claim to a record. While it exists, no other connection may use that record.
struct Claim {
    var endpoint: RemoteEndpoint
    var generation: UInt64
}

/// Removes a connection's claim, so that another connection may use the record.
@inline(__always)
func releaseClaim(_ claim: Claim, heldBy cookie: UInt64) {
    if claim.generation != 0, let holder = claims[claim], holder.pointee == cookie { claims.remove(claim) }
}

/// Deletes a record, unless a newer one has replaced it.
@inline(__always)
func deleteRecord(_ claim: Claim) {
    guard let record = saved[claim.endpoint], record.pointee.generation == claim.generation else { return }
    saved.remove(claim.endpoint)
}
