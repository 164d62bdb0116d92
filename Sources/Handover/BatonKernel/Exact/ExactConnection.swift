// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

/// The state of a socket that was resumed under the policy `exact`, in its socket storage.
struct ExactConnection {
    /// The claim to the record that the connection uses.
    var claim: Claim
    /// The slow start threshold that the congestion control `baton` sets, segments; 0: TCP's own.
    var ssthreshSegments: UInt32
    /// The `SO_MAX_PACING_RATE` to restore after the first round trip, bytes per second.
    var previousPacingRate: UInt32
    /// The kernel's own initial window. The jump has begun once more data segments were sent.
    var initialCwndSegments: UInt32
    /// 1 while the first round trip is paced.
    var isPaced: UInt32
}
