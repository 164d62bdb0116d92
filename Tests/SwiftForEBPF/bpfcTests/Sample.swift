// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A small program, and what bpfc says of it.
struct Sample: Sendable, CustomTestStringConvertible {
    let title: String
    let source: String
    /// Each error, without the directory of the file; none if it compiles.
    let errors: [String]

    /// - Parameters:
    ///   - body: of the program `f`, whose context is `socket`; it begins on line 4 of `Sample.swift`.
    ///   - more: what stands below it.
    init(_ title: String, _ body: String, more: String = "", errors: [String] = []) {
        self.title = title
        source = """
            @c(f) @section("sockops") public func f(_ socket: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 {
            \(body)
            }
            \(more)

            """
        self.errors = errors
    }

    var testDescription: String { title }

    /// A map of 64-bit values, `table`, and `lookUp` in it.
    static let table = """
        var table = ArrayMap<UInt64>(count: 32)
        @inline(__always) func lookUp(_ key: UInt32) -> UnsafeMutablePointer<UInt64>? { table[key] }
        """

    /// What bpfc says, one error a line.
    func compile() throws -> (errors: [String], elf: [UInt8]?) {
        let (output, elf) = try Compiler.compile(source)
        return (Sample.errors(output.standardError), elf)
    }

    static func errors(_ output: String) -> [String] {
        // swiftc quotes lines of the source, indented.
        output.split(separator: "\n").filter { $0.contains("error: ") && !$0.hasPrefix(" ") }.map { line in
            guard let file = line.range(of: "Sample.swift:") else { return String(line) }
            return String(line[file.lowerBound...])
        }
    }
}
