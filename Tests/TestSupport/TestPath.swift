// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
package import PathEmulator

/// `baton-lab path` between two namespaces, whose device is v0 in both: a program that is told lines and answers in lines.
package final class TestPath: @unchecked Sendable {
    // One test at a time uses it.
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    /// Starts it and waits until its devices exist.
    init(_ plan: PathPlan, from first: String, to second: String) throws {
        process.executableURL = URL(fileURLWithPath: Machine.product("baton-lab"))
        process.arguments = [
            "path", "--first", first + ":v0", "--second", second + ":v0", "--plan",
            String(decoding: try JSONEncoder().encode(plan), as: UTF8.self),
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        _ = try line()
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Empties the path and puts it into its first stage, with the seed's sequences, packet numbers and counters from
    /// their beginning.
    package func begin(seed: UInt64 = 1) throws { try say("begin \(seed)", expecting: "begun") }

    /// Timed stages count from now.
    package func start() throws { try say("start", expecting: "started") }

    /// Enters a stage of the plan at once; 0 is the first.
    package func enter(stage: Int) throws { try say("stage \(stage)", expecting: "stage") }

    /// The counters since the last call.
    package func takeReport() throws -> PathReport {
        try write("report")
        return try JSONDecoder().decode(PathReport.self, from: try line())
    }

    private struct Failure: Error { let message: String }

    private func say(_ command: String, expecting event: String) throws {
        struct Answer: Decodable { let event: String }
        try write(command)
        let answer = try line()
        guard try JSONDecoder().decode(Answer.self, from: answer).event == event else {
            throw Failure(message: "'\(command)' was answered with \(String(decoding: answer, as: UTF8.self))")
        }
    }

    private func write(_ command: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
    }

    private func line() throws -> Data {
        while !buffer.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Failure(message: "baton-lab path ended; see its message above") }
            buffer.append(more)
        }
        let end = buffer.firstIndex(of: UInt8(ascii: "\n"))!
        defer { buffer = Data(buffer[buffer.index(after: end)...]) }
        return Data(buffer[..<end])
    }
}
