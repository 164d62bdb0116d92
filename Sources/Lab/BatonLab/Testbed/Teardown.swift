// SPDX-License-Identifier: Apache-2.0

/// Steps that undo what was done, run in reverse order: at the end, after a failure, after ^C.
package final class Teardown {
    private var steps: [(name: String, undo: () throws -> Void)] = []

    /// Runs `body`, and then all steps that it registered, however it ended.
    package static func around<Result>(_ body: (Teardown) throws -> Result) rethrows -> Result {
        let teardown = Teardown()
        defer { teardown.run() }
        return try body(teardown)
    }

    /// Registers how to undo what was just done.
    package func add(_ name: String, _ undo: @escaping () throws -> Void) {
        steps.append((name, undo))
    }

    private func run() {
        // a step that fails must not keep the others from running
        while let step = steps.popLast() {
            do {
                try step.undo()
            } catch {
                Progress.say("could not remove \(step.name): \(error)")
            }
        }
    }
}
