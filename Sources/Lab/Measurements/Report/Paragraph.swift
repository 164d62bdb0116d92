// SPDX-License-Identifier: Apache-2.0

/// Running text in a page that people also edit.
enum Paragraph {
    /// The text in lines of at most so many columns, broken at spaces.
    static func wrapped(_ text: String, columns: Int = 120) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}
