// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Serves the files below a directory to GET and HEAD.
///
/// Hummingbird's `FileMiddleware` is not used. It reads `bytes=-500` as the first 501 bytes, responds to ranges beyond
/// the end with impossible lengths, doesn't compare lists of entity tags, takes times in whole seconds, follows links
/// out of the directory, and opens a file by name twice for one response.
struct StaticFiles: HTTPResponder {
    /// How many bytes of a file are read at once.
    private static let chunkBytes = 256 * 1024

    /// The directory's path with all links resolved.
    let root: String

    /// - Throws: ``ServeError`` with code `root`.
    init(root: String) throws(ServeError) {
        guard let resolved = realpath(root, nil) else {
            throw ServeError(
                code: .root, errno: errno,
                description: "root '\(root)': \(String(cString: strerror(errno))); give an existing directory")
        }
        defer { free(resolved) }
        self.root = String(cString: resolved)
        let descriptor = open(self.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let remedy = errno == ENOTDIR ? "give the directory with the files" : "give a readable directory"
            throw ServeError(
                code: .root, errno: errno,
                description: "root '\(root)': \(String(cString: strerror(errno))); \(remedy)")
        }
        close(descriptor)
    }

    func respond(to request: Request, context: ServeContext) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            return Self.failure(.methodNotAllowed, [.allow: "GET, HEAD"])
        }
        guard let path = RequestPath(request.uri.path) else { return Self.failure(.badRequest) }
        let root = root
        let lookup = try await NIOThreadPool.singleton.runIfActive {
            let found = OpenFile.open(root + path.decoded, root: root)
            guard case .directory = found, path.decoded.hasSuffix("/") else { return found }
            return OpenFile.open(root + path.decoded + "index.html", root: root)
        }
        switch lookup {
        case .file(let file):
            // If the path ends in `/`, this is a directory's index.html: the kernel opens no file by such a name.
            return respond(with: file, path: path, to: request)
        case .directory where !path.decoded.hasSuffix("/"):
            return Self.failure(
                .movedPermanently, [.location: path.encoded + "/" + (request.uri.query.map { "?" + $0 } ?? "")])
        case .directory, .nothing: return Self.failure(.notFound)
        case .forbidden: return Self.failure(.forbidden)
        }
    }

    private func respond(with file: OpenFile, path: RequestPath, to request: Request) -> Response {
        var headers: HTTPFields = [
            .eTag: file.entityTag,
            .lastModified: HTTPDate.string(file.modifiedSeconds),
            .acceptRanges: "bytes",
        ]
        let conditions = Conditions(request.headers, file)
        if conditions.failed { return Self.failure(.preconditionFailed, headers) }
        if conditions.isNotModified { return Response(status: .notModified, headers: headers.withoutLength) }
        headers[.contentType] = path.mediaType
        var range = 0..<file.size
        var status = HTTPResponse.Status.ok
        // Range is defined for GET alone (RFC 9110, section 14.2).
        if request.method == .get, let header = request.headers[.range], conditions.allowsRange {
            switch ByteRange(header, size: file.size) {
            case .ignored: break
            case .unsatisfiable:
                return Self.failure(.rangeNotSatisfiable, [.contentRange: "bytes */\(file.size)"])
            case .bytes(let bytes):
                range = bytes
                status = .partialContent
                headers[.contentRange] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(file.size)"
            }
        }
        headers[.contentLength] = String(range.count)
        guard request.method == .get, !range.isEmpty else { return Response(status: status, headers: headers) }
        return Response(status: status, headers: headers, body: Self.body(of: file, range))
    }

    private static func body(of file: OpenFile, _ range: Range<Int>) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let chunk = try await file.read(at: offset, count: min(chunkBytes, range.upperBound - offset))
                offset += chunk.readableBytes
                try await writer.write(chunk)
            }
            try await writer.finish(nil)
        }
    }

    /// A response with nothing but its status in words.
    private static func failure(_ status: HTTPResponse.Status, _ headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "text/plain; charset=utf-8"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: "\(status)\n")))
    }
}

extension HTTPFields {
    /// Without Content-Length, which in a 304 would be the length of content that is not sent.
    fileprivate var withoutLength: HTTPFields {
        var fields = self
        fields[.contentLength] = nil
        return fields
    }
}
