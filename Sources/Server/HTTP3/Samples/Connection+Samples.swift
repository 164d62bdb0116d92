// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore

extension Connection {
    /// The peer's present address.
    var remoteAddress: SocketAddress? {
        guard let transport, let path = ngtcp2_conn_get_path(transport) else { return nil }
        return SocketAddress(path.pointee.remote)
    }

    /// Notes the transport's state, and publishes it if a sample is due.
    func observe(_ transport: OpaquePointer) {
        guard isHandshakeComplete else { return }
        var info = ngtcp2_conn_info()
        ngtcp2_conn_get_conn_info_versioned(transport, NGTCP2_CONN_INFO_VERSION, &info)
        monitor.update(info)
        guard !monitor.isSilent else { return }
        let time = MonotonicClock.now()
        monitor.carried.update(at: time, roundTrip: info.smoothed_rtt)
        if hasRecovered {
            publish(.live, reason: .silence, at: time)
        } else if endedResponse {
            publish(.live, reason: .responseEnded, at: time)
        } else if monitor.isDue(at: time) {
            publish(.live, reason: .periodic, at: time)
        }
        hasRecovered = false
        endedResponse = false
    }

    func publish(_ state: TransportSample.State, reason: TransportSample.Reason, at time: UInt64) {
        guard let observer = endpoint.observer, let values = monitor.values, let remoteAddress else { return }
        monitor.published(at: time)
        observer(
            TransportSample(
                connection: number,
                remoteAddress: remoteAddress,
                recovery: values,
                carriedBytes: monitor.carried.most(minimumRoundTrip: values.minimumRTTNanoseconds),
                lastHeardNanoseconds: monitor.lastHeard,
                state: state,
                reason: reason))
    }
}
