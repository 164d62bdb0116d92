// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator
import Testing

@Suite struct ControlTests {
    private func objection(_ line: String) -> String {
        do throws(ControlCommand.Objection) {
            _ = try ControlCommand(line, stages: 3)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("lines are understood")
    func commands() throws {
        #expect(try ControlCommand("begin 18446744073709551615", stages: 1) == .begin(seed: .max))
        #expect(try ControlCommand("  start ", stages: 1) == .start)
        #expect(try ControlCommand("stage 2", stages: 3) == .stage(2))
        #expect(try ControlCommand("report", stages: 1) == .report)
    }

    @Test("what is not understood is named, with what was expected")
    func objections() {
        #expect(objection("begin -1") == "'begin -1': the seed is a whole number from 0 to 18446744073709551615")
        #expect(objection("stage 3") == "'stage 3': the plan's stages are 0…2")
        #expect(objection("stage -1").contains("0…2"))
        for line in ["", "begin", "start now", "stop", "REPORT", "report\t"] {
            #expect(objection(line) == "'\(line)' is not 'begin SEED', 'start', 'stage N' or 'report'")
        }
    }

    @Test("lines are cut out of whatever pieces they come in, and the end is told")
    func lines() throws {
        var ends: [Int32] = [-1, -1]
        try #require(clinux_make_pipe(&ends) == 0)
        defer { close(ends[0]) }
        func write(_ text: String) { _ = Glibc.write(ends[1], text, text.utf8.count) }
        var reader = LineReader(ends[0])
        write("begin 1\nsta")
        #expect(reader.read() == ["begin 1"])
        write("rt\n\nreport\n")
        #expect(reader.read() == ["start", "", "report"])
        write(String(repeating: "x", count: LineReader.longestLine))
        #expect(reader.read()?.map(\.count) == [LineReader.longestLine])
        write("unfinished")
        #expect(reader.read() == [])
        close(ends[1])
        #expect(reader.read() == nil)
    }
}
