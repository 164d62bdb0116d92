// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Glibc

/// Sends datagrams, several of one size with one system call where the kernel splits them (UDP_SEGMENT), from the
/// address at which the peer knows this server.
///
/// NIO's own way would copy each batch into a buffer and could not choose the source address; it is what is failed back
/// on when the socket's buffer is full (``Endpoint/send(_:segmentBytes:on:)``).
struct DatagramSender {
    /// How the kernel took a batch.
    enum Outcome {
        case sent
        /// The socket's buffer is full from this byte of the batch on.
        case blocked(from: Int)
    }

    /// What one system call can carry: UDP's length field, and the kernel's limit of segments.
    static let maximumBatchBytes = 65_000
    static let maximumSegments = 64

    let descriptor: CInt
    /// Whether the source address has to be named, since the socket is bound to all of them.
    let namesSource: Bool
    private var canSegment = true

    init(descriptor: CInt, namesSource: Bool) {
        self.descriptor = descriptor
        self.namesSource = namesSource
    }

    /// Sends `bytes` as datagrams of `segmentBytes` each, the last one of what is left.
    ///
    /// An error other than a full buffer counts as a lost datagram, which QUIC recovers from: a probe that is too large
    /// for the interface, a route that went away.
    mutating func send(
        _ bytes: UnsafeRawBufferPointer, segmentBytes: Int, on path: UnsafePointer<ngtcp2_path>
    ) -> Outcome {
        guard bytes.count > segmentBytes else { return sendOne(bytes, on: path) ? .sent : .blocked(from: 0) }
        if canSegment {
            switch transmit(bytes, segmentBytes: segmentBytes, on: path) {
            case 0: return .sent
            case EAGAIN, ENOBUFS: return .blocked(from: 0)
            // The interface can't checksum what it splits, or the kernel doesn't know how.
            case EIO, EINVAL, EOPNOTSUPP: canSegment = false
            default: return .sent
            }
        }
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + segmentBytes, bytes.count)
            guard sendOne(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]), on: path) else {
                return .blocked(from: offset)
            }
            offset = end
        }
        return .sent
    }

    private func sendOne(_ bytes: UnsafeRawBufferPointer, on path: UnsafePointer<ngtcp2_path>) -> Bool {
        switch transmit(bytes, segmentBytes: 0, on: path) {
        case EAGAIN, ENOBUFS: false
        default: true
        }
    }

    /// Answers 0 or the error number.
    private func transmit(
        _ bytes: UnsafeRawBufferPointer, segmentBytes: Int, on path: UnsafePointer<ngtcp2_path>
    ) -> CInt {
        cngtcp2_send(
            descriptor, bytes.baseAddress, bytes.count, UInt16(truncatingIfNeeded: segmentBytes),
            path.pointee.remote.addr, path.pointee.remote.addrlen, namesSource ? path.pointee.local.addr : nil)
    }
}
