// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Glibc

/// Sends datagrams from the address at which the peer knows this server. Where the kernel can split a buffer into
/// datagrams of one size (UDP_SEGMENT), one system call sends several.
///
/// A write through NIO copies each batch into a buffer and can't choose the source address. It is the fallback for when
/// the socket's buffer is full (``Endpoint/send(_:segmentBytes:on:)``).
struct DatagramSender {
    /// What became of a batch.
    enum Outcome {
        case sent
        /// The socket's buffer is full from this byte of the batch on.
        case blocked(from: Int)
    }

    /// The limits of one system call: by UDP's length field, and by the kernel's number of segments.
    static let maximumBatchBytes = 65_000
    static let maximumSegments = 64

    let descriptor: CInt
    /// Whether each call must name the source address, because the socket is bound to all addresses.
    let namesSource: Bool
    private var canSegment = true

    init(descriptor: CInt, namesSource: Bool) {
        self.descriptor = descriptor
        self.namesSource = namesSource
    }

    /// Sends `bytes` as datagrams of `segmentBytes` each; the last one has what is left.
    ///
    /// An error other than a full buffer counts as a lost datagram, from which QUIC recovers. Examples are a probe that
    /// is too large for the interface, and a route that no longer exists.
    mutating func send(
        _ bytes: UnsafeRawBufferPointer, segmentBytes: Int, on path: UnsafePointer<ngtcp2_path>
    ) -> Outcome {
        guard bytes.count > segmentBytes else { return sendOne(bytes, on: path) ? .sent : .blocked(from: 0) }
        if canSegment {
            switch transmit(bytes, segmentBytes: segmentBytes, on: path) {
            case 0: return .sent
            case EAGAIN, ENOBUFS: return .blocked(from: 0)
            // The interface can't compute the checksums, or the kernel doesn't know UDP_SEGMENT.
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

    /// Returns 0 or the error number.
    private func transmit(
        _ bytes: UnsafeRawBufferPointer, segmentBytes: Int, on path: UnsafePointer<ngtcp2_path>
    ) -> CInt {
        cngtcp2_send(
            descriptor, bytes.baseAddress, bytes.count, UInt16(truncatingIfNeeded: segmentBytes),
            path.pointee.remote.addr, path.pointee.remote.addrlen, namesSource ? path.pointee.local.addr : nil)
    }
}
