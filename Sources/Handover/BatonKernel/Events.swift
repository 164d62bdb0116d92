// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Called once per connection, so the counter of this CPU needs no atomic operation.
@inline(__always)
func count(_ outcome: Outcome) {
    if let counter = counters[outcome.rawValue] { counter.pointee &+= 1 }
}

/// Whether somebody reads the events. A reader extends this time with each read, so that a killed reader soon counts no
/// longer.
var isWatched: Bool {
    @inline(__always) get {
        guard let until = watchers[0], until.pointee != 0 else { return false }
        return Clock.nanoseconds < until.pointee
    }
}

extension Decision {
    /// Fills in the socket's values as the kernel set them up.
    @inline(__always)
    mutating func describe(_ socket: SockOps, mss: UInt32) {
        mssBytes = mss
        initialCwndSegments = socket.congestionWindow
        initialSSThreshSegments = socket.slowStartThreshold
        handshakeRTTMicroseconds = socket.smoothedRTTMicroseconds
        socketCookie = socket.cookie
    }

    /// Fills in the record's values.
    @inline(__always)
    mutating func describe(_ record: UnsafeMutablePointer<SavedParameters>) {
        source = Decision.recordSource
        savedCwndBytes = record.pointee.cwndBytes
        savedSSThreshBytes = record.pointee.ssthreshBytes
        generation = record.pointee.generation
        savedRTTMicroseconds = record.pointee.savedRTTMicroseconds
        savedSRTTMicroseconds = record.pointee.srttMicroseconds
        let savedAt = record.pointee.savedAtNanoseconds
        let heardAt = record.pointee.lastHeardAtNanoseconds
        // Another CPU may have saved the record after this one read the clock.
        ageNanoseconds = timeNanoseconds > savedAt ? timeNanoseconds &- savedAt : 0
        silenceNanoseconds = timeNanoseconds > heardAt ? timeNanoseconds &- heardAt : 0
    }
}
