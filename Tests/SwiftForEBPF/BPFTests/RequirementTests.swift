// SPDX-License-Identifier: Apache-2.0

import BPF
import TestSupport
import Testing

extension BPFTests {
    @Suite("What a test needs of the kernel") struct RequirementTests {
        private func verdict(_ answer: Answer, on running: String) throws -> Requirement.Verdict {
            Requirement(feature: "links", minimumKernel: "6.4", answer: answer)
                .verdict(on: try #require(KernelVersion(running)))
        }

        @Test("a kernel that is too old: not supported")
        func tooOld() throws {
            #expect(try verdict(.no, on: "6.1.0-56-cloud-amd64") == .notSupported("not supported: links (Linux 6.4)"))
            #expect(try verdict(.no, on: "5.10.0") == .notSupported("not supported: links (Linux 6.4)"))
        }

        @Test(
            "a kernel that is new enough, and hasn't got it: failed", arguments: ["6.4.0", "6.12.107+deb13", "7.0.1"])
        func newEnough(kernel: String) throws {
            guard case .failed(let reason) = try verdict(.no, on: kernel) else {
                Issue.record("not a failure")
                return
            }
            #expect(reason.contains("links") && reason.contains("6.4"))
        }

        @Test("a kernel that has it, however old")
        func met() throws {
            #expect(try verdict(.yes, on: "5.10.0") == .met)
            #expect(try verdict(.yes, on: "6.4.0") == .met)
        }

        @Test("a probe that can't tell: failed, whatever the kernel", arguments: ["5.10.0", "7.0.1"])
        func unknown(kernel: String) throws {
            #expect(
                try verdict(.unknown("no rights"), on: kernel)
                    == .failed("can't tell whether this kernel has links: no rights"))
        }

        @Test("a minimum that is no version: failed")
        func noMinimum() throws {
            let requirement = Requirement(feature: "links", minimumKernel: "newer", answer: .no)
            #expect(requirement.verdict(on: .running) == .failed("links names no minimum kernel: 'newer'"))
        }

        @Test func versions() throws {
            let versions = try ["5.10.0", "6.1.0-56-cloud-amd64", "6.4", "6.12.107+deb13", "7.0-rc1"].map {
                try #require(KernelVersion($0))
            }
            #expect(versions == versions.sorted())
            #expect(versions.map(\.description) == ["5.10", "6.1", "6.4", "6.12", "7.0"])
            for text in ["", "6", "six.one", "-6.1"] { #expect(KernelVersion(text) == nil) }
        }
    }
}
