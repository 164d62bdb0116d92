// SPDX-License-Identifier: Apache-2.0

import BatonServeCommand
import Foundation
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LineWriterTests {
    private func line(_ number: Int) -> Data { Data("\(number) \(String(repeating: "x", count: 100))".utf8) }

    private func notice(_ count: UInt64) -> Data { Data("lost \(count)".utf8) }

    /// Reads on from the line after `last` until all lines up to `end` are here or reported as lost.
    ///
    /// - Returns: how many are lost.
    private func read(_ pipe: LinePipe, after last: Int, to end: Int) throws -> Int {
        var (next, lost) = (last + 1, 0)
        while next <= end {
            let words = try #require(try pipe.line()).split(separator: " ")
            if words.first == "lost" {
                let count = try #require(Int(words[1]))
                #expect(count > 0)
                next += count
                lost += count
            } else {
                // Neither a line nor a notice stands in another's place.
                try #require(words.first == "\(next)")
                next += 1
            }
        }
        #expect(next == end + 1)
        return lost
    }

    @Test func `lines that nobody reads are dropped, and counted where they are missing`() throws {
        let pipe = try LinePipe()
        let writer = LineWriter(descriptor: pipe.writingDescriptor, capacity: 10, lossNotice: notice)
        for round in 0..<3 {
            // A line that is larger than the pipe: once that is full, the writer's thread waits for the reader.
            writer.write(Data(repeating: UInt8(ascii: "x"), count: 10_000))
            try pipe.waitUntilFull()
            let last = round * 1000
            for number in last + 1...last + 1000 { writer.write(line(number)) }
            #expect(writer.flush(within: .milliseconds(20)) == .stalled(lines: 1001))

            #expect(try pipe.line()?.count == 10_000)
            #expect(try read(pipe, after: last, to: last + 1000) == 990)
            #expect(writer.flush(within: .seconds(20)) == .done)
        }
    }

    @Test func `lines are complete and in order when the reader is slow`() throws {
        let pipe = try LinePipe()
        let writer = LineWriter(descriptor: pipe.writingDescriptor, lossNotice: notice)
        for number in 1...1000 { writer.write(line(number)) }
        #expect(try read(pipe, after: 0, to: 1000) == 0)
    }

    @Test func `a descriptor that does not block is waited for`() throws {
        let pipe = try LinePipe()
        try #require(fcntl(pipe.writingDescriptor, F_SETFL, O_NONBLOCK) == 0)
        let writer = LineWriter(descriptor: pipe.writingDescriptor, lossNotice: notice)
        for number in 1...1000 { writer.write(line(number)) }
        #expect(try read(pipe, after: 0, to: 1000) == 0)
        #expect(writer.flush(within: .seconds(20)) == .done)
    }

    @Test func `a reader that has gone away ends the writing, not the process`() throws {
        let pipe = try LinePipe()
        try pipe.closeReading()
        let failures = Mutex<[Int32]>([])
        let writer = LineWriter(descriptor: pipe.writingDescriptor, lossNotice: notice) { errno in
            failures.withLock { $0.append(errno) }
        }
        for number in 1...3 {
            writer.write(line(number))
            #expect(writer.flush(within: .seconds(20)) == .failed(errno: EPIPE))
        }
        #expect(failures.withLock { $0 } == [EPIPE])
    }

    @Test func `without lines there is nothing to wait for`() throws {
        let pipe = try LinePipe()
        let writer = LineWriter(descriptor: pipe.writingDescriptor, lossNotice: notice)
        #expect(writer.flush(within: .zero) == .done)
    }
}
