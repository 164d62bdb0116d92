// SPDX-License-Identifier: Apache-2.0

/// What is wrong with results: the file and the line, what was found, what was expected.
package struct ResultsError: Error, CustomStringConvertible, Equatable, Sendable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
