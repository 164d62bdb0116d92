// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import HTTP3
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import ServiceLifecycle
import Testing

/// The package's directory, found from the path of this file.
let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// A directory for one test, which is removed at its end.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "baton-http3-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path + "/root/sub", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var root: String { path + "/root" }

    /// Makes a file of random bytes below the root.
    func file(_ name: String, bytes count: Int) throws {
        var data = Data(count: count)
        var generator = SystemRandomNumberGenerator()
        data.withUnsafeMutableBytes { buffer in
            for offset in stride(from: 0, to: count & ~7, by: 8) {
                buffer.storeBytes(of: generator.next() as UInt64, toByteOffset: offset, as: UInt64.self)
            }
            for offset in count & ~7..<count { buffer[offset] = UInt8.random(in: 0...255) }
        }
        try data.write(to: URL(fileURLWithPath: root + "/" + name))
    }

    /// Makes a file of zeros that takes no space on the disk.
    func sparseFile(_ name: String, bytes count: Int) throws {
        _ = FileManager.default.createFile(atPath: root + "/" + name, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: root + "/" + name))
        try handle.truncate(atOffset: UInt64(count))
        try handle.close()
    }

    /// Makes a key and a certificate for localhost.
    func credentials(_ name: String = "server") async throws -> (certificate: String, key: String) {
        let (certificate, key) = (path + "/\(name).pem", path + "/\(name).key")
        let run = try await Command.run(
            "openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-keyout", key, "-out", certificate, "-subj", "/CN=localhost"]
                + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:::1"])
        try #require(run.status == 0, "\(run.errors)")
        return (certificate, key)
    }

    func sha256(_ name: String) async throws -> String {
        let run = try await Command.run("sha256sum", [root + "/" + name])
        return String(run.output.prefix(64))
    }
}

/// A program that a test runs.
final class Command: Sendable {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    private let process: Process
    private let output = Pipe()
    private let errors = Pipe()

    init(_ name: String, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: name.hasPrefix("/") ? name : "/usr/bin/env")
        process.arguments = name.hasPrefix("/") ? arguments : [name] + arguments
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    static func run(_ name: String, _ arguments: [String]) async throws -> Result {
        try await Command(name, arguments).result()
    }

    var pid: Int32 { process.processIdentifier }

    /// Waits for the first line on standard error.
    func firstError() async { await Self.blocking { [errors] in _ = errors.fileHandleForReading.availableData } }

    func result() async -> Result {
        async let text = Self.blocking { [output] in output.fileHandleForReading.readDataToEndOfFile() }
        async let complaints = Self.blocking { [errors] in errors.fileHandleForReading.readDataToEndOfFile() }
        let (standard, error) = await (text, complaints)
        await Self.blocking { [process] in process.waitUntilExit() }
        return Result(
            status: process.terminationStatus, output: String(decoding: standard, as: UTF8.self),
            errors: String(decoding: error, as: UTF8.self))
    }

    /// Runs a blocking function on a thread of its own.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}

/// What client.py requests.
struct Job: Codable, Sendable {
    var url: String
    var version: String
    var ca: String
    var method: String?
    var headers: [String]?
    var upload_bytes: Int?
    var connections: Int?
    var streams: Int?
    var limit: Int?
    var rebind_after: Int?
    var drop_after: Int?
    var drop_until: String?
}

/// The result of a request.
struct Reply: Codable, Sendable {
    var status: Int
    var version: String
    var headers: [String: String]
    var bytes: Int
    var sha256: String
    var seconds: Double
    var error: String?
}

enum Curl {
    static let python = packageRoot.path + "/.build/python/bin/python"

    static func start(_ job: Job) throws -> Command {
        let script = packageRoot.path + "/Tests/Server/HTTP3Tests/client.py"
        let text = String(decoding: try JSONEncoder().encode(job), as: UTF8.self)
        return try Command(python, [script, text])
    }

    static func finish(_ command: Command) async throws -> [Reply] {
        let result = await command.result()
        return try #require(
            try? JSONDecoder().decode([Reply].self, from: Data(result.output.utf8)),
            "status \(result.status): \(result.output) \(result.errors)")
    }

    static func run(_ job: Job) async throws -> [Reply] { try await finish(start(job)) }
}

/// A server in this process, for one test.
final class TestServer: Sendable {
    let scratch: Scratch
    let port: Int
    let certificate: String
    let samples: NIOLockedValueBox<[TransportSample]>
    let accepted: NIOLockedValueBox<[AcceptedConnection]>
    let closed: NIOLockedValueBox<[ClosedConnection]>
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    private struct Running: Service {
        let server: Server
        let onReady: @Sendable (Int) -> Void
        func run() async throws { try await server.run(onReady: onReady) }
    }

    init(
        address: String = "127.0.0.1", scratch: Scratch? = nil,
        change: (inout ServeConfiguration) -> Void = { _ in }
    ) async throws {
        let scratch = try scratch ?? Scratch()
        self.scratch = scratch
        let (certificate, key) = try await scratch.credentials()
        self.certificate = certificate
        var configuration = ServeConfiguration(
            root: scratch.root, certificatePath: certificate, keyPath: key,
            listen: try ListenAddress(address: address, port: 0))
        configuration.stopSignals = []
        change(&configuration)
        let samples = NIOLockedValueBox<[TransportSample]>([])
        let accepted = NIOLockedValueBox<[AcceptedConnection]>([])
        let closed = NIOLockedValueBox<[ClosedConnection]>([])
        (self.samples, self.accepted, self.closed) = (samples, accepted, closed)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let server = try Server(
            configuration: configuration, logger: logger,
            transportObserver: { sample in samples.withLockedValue { $0.append(sample) } },
            acceptedConnectionObserver: { connection in accepted.withLockedValue { $0.append(connection) } },
            closedConnectionObserver: { connection in closed.withLockedValue { $0.append(connection) } })
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            services: [Running(server: server) { ready.yield($0) }], logger: logger)
        self.group = group
        task = Task {
            defer { ready.finish() }
            try await group.run()
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await task.value
            throw CancellationError()
        }
        self.port = port
    }

    /// Stops gracefully, as at SIGTERM, and waits for the end.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        do { try await task.value } catch is ServiceGroupError {}
    }

    /// Begins to stop gracefully.
    func beginStop() async { await group.triggerGracefulShutdown() }

    func job(_ path: String, version: String = "3", host: String = "127.0.0.1") -> Job {
        Job(url: "https://\(host):\(port)/\(path)", version: version, ca: certificate)
    }

    func get(_ path: String, version: String = "3", change: (inout Job) -> Void = { _ in }) async throws -> Reply {
        var job = job(path, version: version)
        change(&job)
        return try #require(try await Curl.run(job).first)
    }
}

/// Runs a test with a server, and stops the server in any case.
func withServer<Result>(
    address: String = "127.0.0.1", scratch: Scratch? = nil, change: (inout ServeConfiguration) -> Void = { _ in },
    _ body: (TestServer) async throws -> Result
) async throws -> Result {
    let server = try await TestServer(address: address, scratch: scratch, change: change)
    do {
        let result = try await body(server)
        try await server.stop()
        return result
    } catch {
        try? await server.stop()
        throw error
    }
}

extension Trait where Self == TimeLimitTrait {
    /// Ends a test that hangs. No test asserts how long it takes.
    static var endsIfStuck: Self { .timeLimit(.minutes(30)) }
}

/// Waits until a condition is true, for at most `limit`, which only ends a wait that has no end. Returns whether it is.
func eventually(within limit: Duration = .seconds(120), _ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return true
}
