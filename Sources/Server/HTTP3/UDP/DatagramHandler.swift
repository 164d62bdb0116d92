// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// Passes what the UDP socket receives to the endpoint.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let endpoint: Endpoint

    init(endpoint: Endpoint) { self.endpoint = endpoint }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        var local = endpoint.localAddress
        if let destination = envelope.metadata?.packetInfo?.destinationAddress {
            let port = local.port
            local = destination
            local.port = port
        }
        envelope.data.withUnsafeReadableBytes { bytes in
            // The kernel joins datagrams of one sender and of one size; the last may be shorter (UDP_GRO).
            let segment = max(envelope.metadata?.segmentSize ?? bytes.count, 1)
            var offset = 0
            while offset < bytes.count {
                let end = min(offset + segment, bytes.count)
                endpoint.receive(
                    UnsafeRawBufferPointer(rebasing: bytes[offset..<end]), from: envelope.remoteAddress, to: local)
                offset = end
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { endpoint.flush() }

    func channelInactive(context: ChannelHandlerContext) { endpoint.channelClosed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An ICMP message about one peer says nothing about the socket, and QUIC detects by itself that a peer is gone.
        endpoint.logger.debug("UDP \(endpoint.localAddress): \(error)")
    }
}
