// SPDX-License-Identifier: Apache-2.0

package import Testing

extension Tag {
    /// A test that touches the kernel. `make test-kernels` runs these, and only these, on each of its kernels.
    @Tag package static var kernel: Self
    /// A test that needs the path emulator to be on time. On an emulated CPU that takes a clock that waits for it.
    @Tag package static var exactPath: Self
}

extension Trait where Self == Tag.List {
    /// The test, or each of the suite, touches the kernel. A suite around it has `kernelTestsNeedRoot`.
    package static var kernel: Self { .tags(.kernel) }
}

extension Trait where Self == KernelTestCondition {
    /// Skips the tests with the tag `kernel` where they can't run.
    package static var kernelTestsNeedRoot: Self { KernelTestCondition() }
}

// A suite hands its traits down to tests, so it is one of both.
package struct KernelTestCondition: SuiteTrait, TestTrait {
    package let isRecursive = true

    package func prepare(for test: Test) async throws {
        guard test.tags.contains(.kernel) else { return }
        let condition: ConditionTrait = .enabled(if: Machine.canRunKernelTests, Comment(rawValue: Machine.whyNot))
        try await condition.prepare(for: test)
    }
}

/// Holds the running test to its tag, so that none is forgotten where other kernels are tested.
package func expectKernelTag(sourceLocation: SourceLocation = #_sourceLocation) {
    guard let test = Test.current, !test.tags.contains(.kernel) else { return }
    Issue.record("'\(test.name)' touches the kernel: give it the trait .kernel", sourceLocation: sourceLocation)
}
