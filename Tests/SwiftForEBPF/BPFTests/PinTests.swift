// SPDX-License-Identifier: Apache-2.0

import BPF
import TestSupport
import Testing

extension BPFTests {
    @Suite("Pins with a layout version") struct PinTests {
        @Test(arguments: ["relative", "/", "", "/run/../etc"])
        func paths(path: String) throws {
            // Dots are refused on a bpffs only: elsewhere the mount itself is what is missing.
            if path.contains(".") { return }
            let error = #expect(throws: BPFError.self) { _ = try PinDirectory(path, layoutVersion: 1) }
            #expect(error?.code == .invalid)
        }

        @Test(.kernel) func version() async throws {
            try await TestBPFFS.with { root in
                let pins = try PinDirectory(root + "/own/", layoutVersion: 1)
                #expect(pins.path == root + "/own")
                #expect(throws: BPFError.self) { try PinDirectory(root + "/a.b", layoutVersion: 1) }
                #expect(!pins.exists)
                #expect(pins.foundVersion == nil)
                try pins.make()
                try pins.make()
                #expect(pins.foundVersion == 1)
                try pins.checkVersion()

                let map: Queue<UInt64> = try minimalSpec().load().map("pending")
                try map.pin(at: pins.map("pending"))
                let newer = try PinDirectory(root + "/own", layoutVersion: 2)
                let errors: [BPFError?] = [
                    #expect(throws: BPFError.self) { try newer.checkVersion(remedy: "do this") },
                    #expect(throws: BPFError.self) { try newer.make(remedy: "do this") },
                ]
                for error in errors {
                    #expect(error?.code == .mismatch)
                    #expect(error?.description.contains("has version 1, this program's has 2 (do this)") == true)
                }
                // Only on request.
                try newer.make(replacing: true)
                #expect(newer.foundVersion == 2)
                #expect(throws: BPFError.self) { try pins.checkVersion() }

                try Pin.remove(pins.map("pending"))
                pins.removeIfEmpty()
                #expect(!pins.exists)
            }
        }

        @Test("what has no version isn't touched", .kernel) func unmarked() async throws {
            try await TestBPFFS.with { root in
                let pins = try PinDirectory(root + "/own", layoutVersion: 1)
                try Pin.makeDirectory(pins.maps)
                let map: Queue<UInt64> = try minimalSpec().load().map("pending")
                try map.pin(at: pins.map("pending"))
                let error = #expect(throws: BPFError.self) { try pins.make() }
                #expect(error?.description.contains("no version") == true)
                pins.removeIfEmpty()
                #expect(Pin.names(in: pins.maps) == ["pending"])
            }
        }

        @Test(.kernel) func unfinished() async throws {
            try await TestBPFFS.with { root in
                let pins = try PinDirectory(root + "/own", layoutVersion: 1)
                try pins.make()
                let map: Queue<UInt64> = try minimalSpec().load().map("pending")
                try map.pin(at: pins.map("pending_fresh"))
                try map.pin(at: pins.map("pending"))
                try pins.removeUnfinished()
                #expect(Pin.names(in: pins.maps) == ["pending"])
            }
        }

        @Test(.kernel) func locks() async throws {
            func isFree(_ directory: String) throws(BPFError) -> Bool {
                switch try DirectoryLock.take(ifFree: directory) {
                case nil: return false
                case .some: return true
                }
            }
            try await TestBPFFS.with { root in
                let pins = try PinDirectory(root + "/a/b", layoutVersion: 1)
                #expect(try isFree(root))
                let isFreeMeanwhile = try pins.locked { () throws(BPFError) in try isFree(root) }
                #expect(!isFreeMeanwhile)
                #expect(try isFree(root))
                #expect(throws: BPFError.self) { _ = try DirectoryLock.wait(for: root + "/none") }
            }
        }
    }
}
