// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Adds the fields that every response has, and logs a line when the last byte is written or the client has gone away.
///
///     192.0.2.7:52100 GET /index.html 200 5120 h3 1.2 ms
struct AccessLog<Next: HTTPResponder>: HTTPResponder where Next.Context == ServeContext {
    let next: Next
    let logger: Logger
    /// The value of the Alt-Svc field (RFC 7838); nil: the field is left out.
    let alternativeService: String?

    func respond(to request: Request, context: ServeContext) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next.respond(to: request, context: context)
        } catch {
            logger.error("\(request.method) \(request.uri.path): \(error)")
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = HTTPDate.now()
        response.headers[.server] = "baton"
        if let alternativeService { response.headers[.altSvc] = alternativeService }
        if request.method == .head {
            // The length stays that of the content that GET would return.
            let headers = response.headers
            response.body = ResponseBody()
            response.headers = headers
        }
        return logged(response, entry(request, context, response.status), since: start)
    }

    private func entry(_ request: Request, _ context: ServeContext, _ status: HTTPResponse.Status) -> AccessLogEntry {
        let address = context.remoteAddress
        let host = address?.ipAddress.map { $0.contains(":") ? "[\($0)]" : $0 } ?? "-"
        return AccessLogEntry(
            remote: "\(host):\(address?.port ?? 0)", method: request.method.rawValue,
            target: request.head.path ?? "", status: status.code, version: context.version.rawValue)
    }

    private func logged(_ response: Response, _ entry: AccessLogEntry, since start: ContinuousClock.Instant) -> Response
    {
        let logger = logger
        let body = response.body
        guard let length = body.contentLength, length == 0 else {
            var logged = response
            let count = NIOLockedValueBox(0)
            let headers = response.headers
            logged.body = ResponseBody(contentLength: body.contentLength) { writer in
                defer { logger.info("\(entry.line(bytes: count.withLockedValue { $0 }, duration: .now - start))") }
                try await body.write(CountingWriter(writer: writer, count: count))
            }
            logged.headers = headers
            return logged
        }
        logger.info("\(entry.line(bytes: 0, duration: .now - start))")
        return response
    }
}

/// What is logged about a request, without what is known only at its end.
struct AccessLogEntry: Sendable {
    let remote: String
    let method: String
    let target: String
    let status: Int
    let version: String

    func line(bytes: Int, duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = seconds * 10_000 + attoseconds / 100_000_000_000_000
        // What a client chose must not break the line or move a terminal's cursor.
        let target = target.unicodeScalars.map { $0.isASCII && $0.value > 0x20 && $0.value != 0x7f ? String($0) : "?" }
        return "\(remote) \(method) \(target.joined()) \(status) \(bytes) \(version) \(tenths / 10).\(tenths % 10) ms"
    }
}

/// Counts the bytes that are written.
private struct CountingWriter: ResponseBodyWriter {
    var writer: any ResponseBodyWriter
    let count: NIOLockedValueBox<Int>

    mutating func write(_ buffer: ByteBuffer) async throws {
        let bytes = buffer.readableBytes
        try await writer.write(buffer)
        count.withLockedValue { $0 += bytes }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await writer.finish(trailingHeaders) }
}

extension HTTPField.Name {
    fileprivate static let altSvc = Self("alt-svc")!
}
