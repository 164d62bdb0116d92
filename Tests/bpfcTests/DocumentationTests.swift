// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Documentation/kernel-swift-rules.md: its samples do what it says")
struct DocumentationTests {
    /// The Swift blocks of the article: what stands in a program whose context is `socket`.
    static let blocks: [String] = {
        let file = Machine.packageDirectory.appending(path: "Documentation/kernel-swift-rules.md")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
    }()

    @Test func hasBlocks() { #expect(Self.blocks.count > 10) }

    /// A line with `// error: …` is refused, with these words; a block without one compiles.
    @Test(arguments: blocks)
    func block(_ block: String) throws {
        let body = "    let socket = SockOps(socket); _ = socket\n" + block + "\n    return 1"
        let found = try Sample(block, body, more: Sample.table).compile().errors
        var expected: [(line: Int, words: String)] = []
        for (index, line) in block.components(separatedBy: "\n").enumerated() {
            let parts = line.components(separatedBy: "// error: ")
            if parts.count > 1 { expected.append((index + 5, parts[1])) }
        }
        #expect(found.count == expected.count, "\(found)")
        for (error, expected) in zip(found, expected) {
            #expect(error.hasPrefix("Sample.swift:\(expected.line): error: "), "\(error)")
            #expect(error.contains(expected.words), "\(error)")
        }
    }
}
