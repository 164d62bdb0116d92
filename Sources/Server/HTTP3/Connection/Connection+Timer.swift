// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore

extension Connection: NIOScheduledCallbackHandler {
    /// Schedules ``handleScheduledCallback(eventLoop:)`` for ngtcp2's next expiry.
    ///
    /// Each packet moves the expiry, mostly to a later time. A timer that is set too early therefore stays, and is set
    /// again when it fires.
    func armTimer(_ transport: OpaquePointer) {
        let expiry = ngtcp2_conn_get_expiry(transport)
        guard expiry != UInt64.max else { return }
        guard timer == nil || expiry < timerDeadline else { return }
        setTimer(at: expiry)
    }

    func setTimer(at deadline: UInt64) {
        timer?.cancel()
        timerDeadline = deadline
        let now = MonotonicClock.now()
        // A peer may ask for any idle timeout, however long; a timer that fires too early does no harm.
        let wait = deadline > now ? min(deadline - now, 3_600_000_000_000) : 0
        timer = try? eventLoop.scheduleCallback(
            at: .now() + .nanoseconds(Int64(clamping: wait)), handler: self)
    }

    func cancelTimer() {
        timer?.cancel()
        timer = nil
        timerDeadline = UInt64.max
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        timer = nil
        timerDeadline = UInt64.max
        switch phase {
        case .open:
            guard let transport else { return }
            if ngtcp2_conn_get_expiry(transport) <= MonotonicClock.now() {
                guard handleExpiry(transport) else { return }
                write()
            } else {
                armTimer(transport)
            }
        case .closing, .over: endpoint.forget(self)
        }
    }

    /// Lets ngtcp2 act on what has expired. Returns false if that ended the connection.
    func handleExpiry(_ transport: OpaquePointer) -> Bool {
        let time = MonotonicClock.now()
        var info = ngtcp2_conn_info()
        ngtcp2_conn_get_conn_info_versioned(transport, NGTCP2_CONN_INFO_VERSION, &info)
        let isSilent = monitor.expired(
            at: time, bytesInFlight: info.bytes_in_flight, probeTimeout: ngtcp2_conn_get_pto(transport))
        if isSilent {
            publish(.silent(probeTimeouts: monitor.probeTimeouts), reason: .silence, at: time)
        }
        let status = ngtcp2_conn_handle_expiry(transport, time)
        guard status != 0 else { return true }
        fail(status)
        return false
    }
}
