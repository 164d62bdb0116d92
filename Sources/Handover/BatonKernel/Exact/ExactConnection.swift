// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

/// The state of a socket that was resumed under the policy `exact`, in its socket storage.
struct ExactConnection {
    var claim: Claim
    /// Slow start threshold for the congestion control `baton` to set, segments; 0: leave it alone.
    var ssthreshSegments: UInt32
    /// `SO_MAX_PACING_RATE` to go back to after the first round trip, bytes per second.
    var previousPacingRate: UInt32
    /// Data segments of the kernel's own initial window; the jump has begun once more were sent.
    var initialCwndSegments: UInt32
    /// 1 while the first round trip is paced.
    var isPaced: UInt32
}
