// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Readers of `baton-serve`'s output that stop reading cost lines, never requests.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct UnreadOutputTests {
    @Test func `a reader of --json that stops loses lines, which are counted, and no request waits`() throws {
        let server = try ServeProcess()
        // The first requests fill the pipe, the others the queue of 4096 lines behind it.
        #expect(try server.get(100) == 100)
        #expect(try server.get(2200) == 2200)
        #expect(try server.getHTTP3())

        var counts: [String: Int] = [:]
        func count(_ line: [String: Any]) throws {
            let event = try #require(line["event"] as? String)
            counts[event, default: 0] += event == "lost" ? try #require(line["lines"] as? Int) : 1
        }
        // It is reported as soon as there is a reader again.
        while counts["lost"] == nil { try count(try #require(try server.line())) }
        kill(server.process.processIdentifier, SIGTERM)
        while let line = try server.line() { try count(line) }
        #expect(counts["lost", default: 0] > 0)
        #expect(counts["accepted", default: 0] + counts["closed", default: 0] + counts["lost", default: 0] == 2 * 2300)
        #expect(server.end() == 0)
    }

    @Test func `a server that is stopped does not wait for a reader that stopped`() throws {
        let server = try ServeProcess()
        #expect(try server.get(100) == 100)
        #expect(server.end() == 0)
        #expect(server.log.contains("stdout is not read"))
    }

    @Test func `a reader that goes away leaves the server running`() throws {
        let server = try ServeProcess()
        try server.output.closeReading()
        #expect(try server.get(100) == 100)
        try server.waitForLog("writing JSON to stdout: Broken pipe")
        #expect(server.end() == 0)
    }

    @Test func `JSON that can't be written is an error`() throws {
        let server = try ServeProcess(output: "/dev/full")
        #expect(server.end() == 1)
        let message = "baton-serve: writing JSON to stdout: No space left on device"
        #expect(server.log.split(separator: "\n").contains { $0 == message }, "\(server.log)")
    }

    @Test func `a reader of the log that stops loses lines, and no request waits`() throws {
        let server = try ServeProcess(readsLog: false)
        // Each request is a line of the access log, and the pipe holds about 40.
        #expect(try server.get(500) == 500)
        #expect(server.end() == 0)
    }
}

/// A running `baton-serve --json` on loopback, without handover. Its pipes hold one page.
final class ServeProcess {
    let process = Process()
    /// Where its stdout is read.
    let output: LinePipe
    private(set) var port = 0
    private let directory: URL
    private let errors: URL
    private let logPipe: LinePipe?

    /// Starts it and waits until it is ready.
    ///
    /// - Parameters:
    ///   - output: a file for its stdout; nil: a pipe.
    ///   - readsLog: whether stderr goes to a file, rather than to a pipe that nobody reads.
    init(output path: String? = nil, readsLog: Bool = true) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "baton-serve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data("hello\n".utf8).write(to: directory.appending(path: "index.html"))
        errors = directory.appending(path: "errors")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        output = try LinePipe()
        logPipe = readsLog ? nil : try LinePipe()
        try Machine.demand(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
        process.executableURL = URL(fileURLWithPath: Machine.product("baton-serve"))
        process.arguments = [
            "--root", directory.path, "--certificate", certificate, "--key", key, "--listen", "127.0.0.1:0",
            "--no-handover", "--json",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput =
            try path.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) as Any } ?? output.pipe
        process.standardError = try logPipe?.pipe ?? FileHandle(forWritingTo: errors) as Any
        try process.run()
        if path == nil {
            let ready = try #require(try line())
            #expect(ready["event"] as? String == "ready")
            #expect(ready["handover"] as? Bool == false)
            port = try #require(ready["port"] as? Int)
        } else {
            // Without the line, the log shows that the server is ready and that writing has failed.
            try waitForLog("serving")
            try waitForLog("no further lines are written")
        }
    }

    private var certificate: String { directory.appending(path: "certificate.pem").path }
    private var key: String { directory.appending(path: "key.pem").path }

    /// What it has logged.
    var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Waits for the next line of its stdout; nil at its end.
    func line() throws -> [String: Any]? {
        guard let line = try output.line() else { return nil }
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    /// Waits until words appear in the log.
    ///
    /// - Throws: if they don't within a minute.
    func waitForLog(_ words: String) throws {
        for _ in 0..<6000 where !log.contains(words) { usleep(10_000) }
        try #require(log.contains(words))
    }

    /// Makes HTTP/1.1 requests, each on a connection of its own.
    ///
    /// - Returns: how many were answered.
    func get(_ count: Int) throws -> Int {
        let script = """
            import concurrent.futures, socket, ssl, sys
            port, count = map(int, sys.argv[1:3])
            context = ssl.create_default_context(cafile=sys.argv[3])
            def get(_):
                connection = socket.create_connection(("127.0.0.1", port), 60)
                with context.wrap_socket(connection, server_hostname="127.0.0.1") as s:
                    s.sendall(b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
                    answer = b""
                    while data := s.recv(65536):
                        answer += data
                    return answer.endswith(b"hello\\n")
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                print(sum(pool.map(get, range(count))))
            """
        let answered = try Machine.demand("python3", "-c", script, "\(port)", "\(count)", certificate)
        return try #require(Int(answered.trimmingCharacters(in: .newlines)))
    }

    /// Makes a request over HTTP/3.
    func getHTTP3() throws -> Bool {
        let job: [String: Any] = ["url": "https://127.0.0.1:\(port)/", "version": "3", "ca": certificate]
        let text = String(decoding: try JSONSerialization.data(withJSONObject: job), as: UTF8.self)
        let replies = try Machine.demand(
            Machine.packageDirectory.appending(path: ".build/python/bin/python").path,
            Machine.packageDirectory.appending(path: "Tests/Server/HTTP3Tests/client.py").path, text)
        let reply = try JSONSerialization.jsonObject(with: Data(replies.utf8)) as? [[String: Any]]
        return reply?.first?["status"] as? Int == 200
    }

    /// Stops it as a service manager does, and waits for its end.
    ///
    /// - Returns: its exit status; 128 and more: a signal.
    func end() -> Int32 {
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: directory)
    }
}
