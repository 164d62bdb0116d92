// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Responds to a request: the responder that an HTTP/3 server was made with.
typealias RequestHandler = @Sendable (Request, HTTP3RequestSource) async throws -> Response

/// Runs the responder for one request, off the event loop.
struct ResponseJob: Sendable {
    let connection: Connection
    let request: Request
    let source: HTTP3RequestSource
    let outbound: OutboundBody
    let handler: RequestHandler

    func run() async {
        var response: Response
        do {
            response = try await handler(request, source)
        } catch {
            source.logger.debug("The responder failed: \(error)")
            response = Response(status: .internalServerError)
        }
        let head = response.head
        let carriesBody = request.method != .head && response.status.carriesBody && response.body.contentLength != 0
        connection.submit(head, on: source.stream, withBody: carriesBody)
        do {
            // The body's closure runs even if its bytes are not sent: it may release a file or log the end.
            try await response.body.write(HTTP3BodyWriter(outbound: carriesBody ? outbound : nil))
            connection.responded(on: source.stream, isComplete: !carriesBody || outbound.isFinished)
        } catch {
            connection.responded(on: source.stream, isComplete: !carriesBody)
        }
    }
}

extension HTTPResponse.Status {
    /// Whether a response of this status may have content (RFC 9110, section 6.4.1).
    fileprivate var carriesBody: Bool { code >= 200 && code != 204 && code != 304 }
}

/// Writes the body of a response to its stream, or discards it.
struct HTTP3BodyWriter: ResponseBodyWriter {
    let outbound: OutboundBody?

    mutating func write(_ buffer: ByteBuffer) async throws { try await outbound?.write(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { outbound?.finish(trailers: trailingHeaders) }
}
