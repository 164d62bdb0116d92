// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import HTTPTypes

/// One request and its response, on the connection's event loop.
final class RequestStream {
    let id: Int64
    let inbound: InboundBody
    let outbound: OutboundBody
    var head = RequestHead()
    /// The responder's task; nil before the head is complete.
    var task: Task<Void, Never>?
    /// Whether the responder is done with the request's body, so that the rest is discarded.
    var ignoresInput = false
    /// Whether the client has sent its complete request.
    var isInputComplete = false
    /// Whether the stream ended before its response was delivered.
    var wasReset = false
    private var queue = SendQueue()

    init(id: Int64, inbound: InboundBody, outbound: OutboundBody) {
        self.id = id
        self.inbound = inbound
        self.outbound = outbound
    }

    /// What is sent next of the body.
    enum Next {
        case vectors(count: Int)
        case nothingYet
    }

    /// Gives nghttp3 as much of the body as there is. `end` is called with the trailers after the last of it.
    func next(_ vectors: UnsafeMutableBufferPointer<nghttp3_vec>, end: (HTTPFields?) -> Void) -> Next {
        let taken = outbound.take()
        for buffer in taken.buffers { queue.append(buffer) }
        let (count, bytes) = queue.give(vectors)
        if bytes > 0 { outbound.passedOn(bytes) }
        if taken.isFinished, !queue.hasMore {
            end(taken.trailers)
            return .vectors(count: count)
        }
        return count == 0 ? .nothingYet : .vectors(count: count)
    }

    func acknowledge(_ count: Int) { queue.acknowledge(count) }

    /// Detaches the responder from the stream. Returns how many bytes of the request it has not read.
    @discardableResult
    func abandon(_ error: HTTP3StreamError) -> Int {
        ignoresInput = true
        outbound.fail(error)
        task?.cancel()
        return inbound.fail(error)
    }

    /// Frees the body's bytes. Only after the transport has released the stream.
    func release() { queue.removeAll() }
}
