// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// A TCP connection's claim to a record: while it stands no other connection may use that record.
struct Claim {
    var endpoint: RemoteEndpoint
    var generation: UInt64
}

/// Another connection may use the record from now on.
@inline(__always)
func releaseClaim(_ claim: Claim, heldBy cookie: UInt64) {
    if claim.generation != 0, let holder = claims[claim], holder.pointee == cookie { claims.remove(claim) }
}

/// Deletes a record, unless a newer one took its place.
@inline(__always)
func deleteRecord(_ claim: Claim) {
    guard let record = saved[claim.endpoint], record.pointee.generation == claim.generation else { return }
    saved.remove(claim.endpoint)
}
