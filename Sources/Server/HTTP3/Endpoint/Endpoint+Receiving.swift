// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore

/// Finds where a datagram belongs: to a connection, to a new one, or to none.
extension Endpoint {
    /// Handles one datagram.
    func receive(_ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress) {
        guard let bytes = datagram.baseAddress?.assumingMemoryBound(to: UInt8.self), datagram.count > 0 else { return }
        var version = ngtcp2_version_cid()
        let status = ngtcp2_pkt_decode_version_cid(&version, bytes, datagram.count, ConnectionID.issuedLength)
        if status == NGTCP2_ERR_VERSION_NEGOTIATION {
            return answer(datagram, from: remote, to: local) {
                StatelessAnswer.versionNegotiation(version, datagramBytes: datagram.count, into: $0)
            }
        }
        guard status == 0, let id = ConnectionID(version.dcid, count: version.dcidlen) else { return }
        if let connection = routes[id] {
            return connection.receive(datagram, from: remote, to: local)
        }
        if bytes[0] & 0x80 == 0 {
            reset(version, datagram, from: remote, to: local)
        } else {
            accept(datagram, from: remote, to: local)
        }
    }

    /// Opens a connection, if this is a client's first packet.
    private func accept(_ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress) {
        var header = ngtcp2_pkt_hd()
        let bytes = datagram.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard ngtcp2_accept(&header, bytes, datagram.count) == 0 else { return }
        guard !isShuttingDown else {
            return answer(datagram, from: remote, to: local) {
                StatelessAnswer.close(header, code: UInt64(NGTCP2_CONNECTION_REFUSED), into: $0)
            }
        }
        guard open.count < configuration.maximumConnections else { return }
        var retriedID: ngtcp2_cid?
        switch RetryToken.check(header, from: remote, secret: secret) {
        case .valid(let id): retriedID = id
        case .forged:
            return answer(datagram, from: remote, to: local) {
                StatelessAnswer.close(header, code: UInt64(NGTCP2_INVALID_TOKEN), into: $0)
            }
        case .absent:
            guard unfinishedHandshakes < configuration.retryAboveHandshakes else {
                let secret = secret
                return answer(datagram, from: remote, to: local) {
                    RetryToken.retry(header, to: remote, secret: secret, into: $0)
                }
            }
        }
        let connection = Connection(endpoint: self, number: Connection.nextNumber())
        open[connection.number] = connection
        unfinishedHandshakes += 1
        guard connection.open(header, retriedID: retriedID, local: local, remote: remote) else {
            connection.finish(.error)
            return forget(connection)
        }
        connection.receive(datagram, from: remote, to: local)
    }

    /// Sends a Stateless Reset to a peer whose connection is unknown (RFC 9000, section 10.3), at most 100 a second.
    private func reset(
        _ version: ngtcp2_version_cid, _ datagram: UnsafeRawBufferPointer, from remote: SocketAddress,
        to local: SocketAddress
    ) {
        let second = MonotonicClock.now() / 1_000_000_000
        if resetsThisSecond.second != second { resetsThisSecond = (second, 0) }
        resetsThisSecond.count += 1
        guard resetsThisSecond.count <= 100 else { return }
        var cid = ngtcp2_cid()
        ngtcp2_cid_init(&cid, version.dcid, version.dcidlen)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(NGTCP2_STATELESS_RESET_TOKENLEN)) { token in
            guard resetToken(for: cid, into: token.baseAddress) else { return }
            answer(datagram, from: remote, to: local) {
                StatelessAnswer.reset(token.baseAddress, datagramBytes: datagram.count, into: $0)
            }
        }
    }

    private func answer(
        _ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress,
        with write: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) {
        let space = UnsafeMutableBufferPointer(
            start: sendBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count: 1200)
        let count = write(space)
        guard count > 0 else { return }
        packetPath.set(local: local, remote: remote)
        send(UnsafeRawBufferPointer(rebasing: sendBuffer[0..<count]), segmentBytes: count, on: packetPath)
    }
}
