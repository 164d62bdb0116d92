// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Glibc
import PathEmulator
import Scenarios

/// The TCP client without TLS, as a process of its own.
struct CleartextClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plain-client", abstract: "Fetch a body from a plain-server, and time it.",
        discussion: """
            Prints a JSON line "done" for each address; times run from connect() of each connection, on \
            CLOCK_MONOTONIC. On a failure it prints a JSON line "error", and the exit status is 1.
            """, shouldDisplay: false)

    @Argument(help: ArgumentHelp("The server; IPv6 in brackets.", valueName: "address:port"))
    var server: SocketAddress

    @Option(help: ArgumentHelp("A body (1MB) or an upload ('upload 1MB').", valueName: "load"))
    var load: Load?

    @Option(help: ArgumentHelp("Addresses to connect from, separated by commas; one connection each, all at once."))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "First transfer this many bytes, in the load's direction, until repeating it is no faster; then time from "
                + "the request.",
            valueName: "size"))
    var warmUp: ByteCount?

    @Option(help: "New connections after the first, one after the other, with the same load.")
    var following = 0

    @Flag(
        help: "Print \"prepared\", wait for a line on standard input, print \"connecting\" with the time, then connect."
    )
    var wait = false

    @Flag(help: "Receive without end; each line on standard input is answered with the number of bytes so far.")
    var flow = false

    @Option(help: ArgumentHelp("Time limit for connecting and for each request.", valueName: "time"))
    var timeout = TimeSpan(nanoseconds: 60_000_000_000)

    func validate() throws {
        guard server.port != 0 else {
            throw ValidationError("\(server): nothing listens at port 0; give a port of 1…65535")
        }
        guard flow != (load != nil) else { throw ValidationError("give either --load or --flow") }
        if case .page = load {
            throw ValidationError("a page is for a browser; give a body (1MB) or an upload ('upload 1MB')")
        }
        guard !flow || (warmUp == nil && following == 0 && !wait) else {
            throw ValidationError("--flow excludes --warm-up, --following and --wait")
        }
        guard (0...1000).contains(following) else {
            throw ValidationError("--following \(following) is not within 0…1000")
        }
        guard warmUp.map({ $0.bytes > 0 }) ?? true else {
            throw ValidationError("--warm-up 0 transfers nothing; leave it out")
        }
        guard timeout.nanoseconds > 0 else { throw ValidationError("--timeout 0 leaves no time; give 1ms or more") }
        let addresses = try addresses()
        guard !flow || addresses.count == 1 else { throw ValidationError("--flow takes one address in --from") }
    }

    func run() throws {
        do {
            if let load {
                try measure(load)
            } else {
                try CleartextFlow(from: try addresses()[0], to: server, limit: timeout).run()
            }
        } catch let error as LabError {
            try fail(error)
        } catch let error as LinuxError {
            try fail(error)
        }
    }

    private func measure(_ load: Load) throws {
        let plan = CleartextMeasurement.Plan(
            server: server, load: load,
            warmUp: warmUp.map { size in
                if case .upload = load { .upload(size) } else { .body(size) }
            }, following: following, limit: timeout)
        var ends: [Int32] = [-1, -1]
        guard clinux_make_pipe(&ends) == 0 else { throw LinuxError(call: "pipe2(2)", subject: "the start") }
        let (gate, start) = (ends[0], ends[1])
        defer { close(gate) }
        var signs: [Int32] = [-1, -1]
        guard clinux_make_pipe(&signs) == 0 else { throw LinuxError(call: "pipe2(2)", subject: "the preparations") }
        let (preparations, sign) = (signs[0], signs[1])
        defer {
            close(preparations)
            close(sign)
        }
        let threads = try addresses().map { local in
            let measurement = ThreadArgument(try CleartextMeasurement(plan, from: local))
            return try Thread {
                RealTime.enterBelowEmulator()
                return Result {
                    var measurement = measurement.take()
                    var byte: UInt8 = 0
                    do {
                        defer { _ = write(sign, &byte, 1) }
                        try measurement.prepare()
                    }
                    // all threads wait here until the other end is closed
                    while read(gate, &byte, 1) < 0 && errno == EINTR {}
                    return try measurement.run()
                }
            }
        }
        for _ in threads {
            var byte: UInt8 = 0
            while read(preparations, &byte, 1) < 0 && errno == EINTR {}
        }
        if wait {
            try JSONLine.print(CleartextEvent("prepared"))
            guard readLine() != nil else {
                throw LabError("standard input ended before the line that starts the client")
            }
            // written without an encoder, which would delay the connection
            JSONLine.write(#"{"event":"connecting","monotonic_ns":\#(MonotonicClock.now()),"schema":1}"#)
        }
        close(start)
        var failures: [any Error] = []
        for thread in threads {
            switch thread.join() {
            case .success(let result): try JSONLine.print(result)
            case .failure(let error): failures.append(error)
            }
        }
        for failure in failures {
            try JSONLine.print(CleartextEvent("error", message: "\(failure)"))
        }
        if !failures.isEmpty { throw ExitCode.failure }
    }

    private func fail(_ error: some Error) throws -> Never {
        try JSONLine.print(CleartextEvent("error", message: "\(error)"))
        throw ExitCode.failure
    }

    /// Where to connect from: nil lets the kernel choose.
    private func addresses() throws -> [SocketAddress?] {
        guard let from else { return [nil] }
        return try from.split(separator: ",", omittingEmptySubsequences: false).map {
            guard let address = try? SocketAddress(host: String($0), port: 0) else {
                throw ValidationError("--from '\($0)' is not an IPv4 or IPv6 address; host names are not looked up")
            }
            guard address.family == server.family else {
                throw ValidationError("--from \($0) and the server \(server) are not of the same IP version")
            }
            return address
        }
    }
}
