// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

// The maps that the document of cwndebpf (vsqoe) names. Each has one entry, of key 0: the window in bytes, the slow
// start threshold in bytes, and whether a fallback is under way (0 or 1).
var CwndMap = HashMap<UInt32, UInt32>(maxEntries: 1)
var SSThreshMap = HashMap<UInt32, UInt32>(maxEntries: 1)
var FallbackMap = HashMap<UInt32, UInt32>(maxEntries: 1)

/// The values in these maps, which Baton only reads.
enum CompatMaps {
    /// Whether FallbackMap says that a fallback is under way.
    @inline(__always) static var isFallback: Bool { (FallbackMap[0]?.pointee ?? 0) != 0 }

    /// The window; `nil` if there is none, or it is 0.
    @inline(__always) static var cwndBytes: UInt32? {
        guard let cwnd = CwndMap[0], cwnd.pointee != 0 else { return nil }
        return cwnd.pointee
    }

    /// The slow start threshold; 0 if there is none.
    @inline(__always) static var ssthreshBytes: UInt32 { SSThreshMap[0]?.pointee ?? 0 }
}
