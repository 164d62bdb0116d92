// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import Foundation
import TestSupport
import Testing

extension BPFTests {
    /// What somebody meets who has never used this library: each is typed, one line, and says what to do.
    @Suite("A stranger's errors") struct StrangerTests {
        private func error(_ code: BPFError.Code, _ words: String..., from body: () throws -> Void) {
            let error = #expect(throws: BPFError.self, performing: body)
            guard let error else { return }
            #expect(error.code == code, "\(error)")
            for word in words { #expect(error.description.contains(word), "\(error)") }
            #expect(!error.description.contains("\n"), "\(error)")
            #expect(error.remedy != nil, "\(error)")
        }

        // MARK: The object

        @Test func objectMissing() {
            error(.notFound, "/nowhere/x.bpf.o", "No such file", "build") {
                _ = try ObjectSpec(path: "/nowhere/x.bpf.o")
            }
        }

        @Test func noObject() {
            error(.invalid, "not an ELF file") { _ = try ObjectSpec(elf: Array("#!/bin/sh".utf8), name: "x") }
            error(.invalid, "not for BPF", "bpfc") { _ = try ObjectSpec(path: "/proc/self/exe") }
        }

        @Test func wrongEndianness() {
            var elf = TestPrograms.elf
            elf[5] = 2
            error(.mismatch, "big-endian", "bpfc") { _ = try ObjectSpec(elf: elf, name: "x") }
        }

        @Test func noLicense() {
            // The section under another name.
            var elf = TestPrograms.elf
            let names = Array("\0license\0".utf8)
            let places = elf.indices.dropLast(names.count).filter { elf[$0..<$0 + names.count].elementsEqual(names) }
            #expect(!places.isEmpty)
            for place in places { elf[place + 1] = UInt8(ascii: "L") }
            error(.invalid, "license", "let license") { _ = try ObjectSpec(elf: elf, name: "x") }
        }

        @Test func noTypes() {
            var elf = TestPrograms.elf
            let names = Array(".BTF\0".utf8)
            for place in elf.indices.dropLast(names.count) where elf[place..<place + names.count].elementsEqual(names) {
                elf[place + 1] = UInt8(ascii: "X")
            }
            error(.invalid, "no type information", "-g") { _ = try ObjectSpec(elf: elf, name: "x") }
        }

        // MARK: Maps and programs

        @Test(.kernel) func mapTypeThatTheKernelLacks() throws {
            var spec = try ObjectSpec(elf: TestPrograms.elf, name: TestPrograms.name)
            spec[map: "routes6"].type = MapType(rawValue: 200)
            error(.unsupported, "routes6", "map of type 200", "newer kernel") { _ = try spec.load() }
        }

        @Test(.kernel) func sizeMismatch() throws {
            let object = try minimalSpec().load()
            error(.mismatch, "'connections'", "4 and 8 bytes", "16 and 8") {
                let _: HashMap<IPv6Address, UInt64> = try object.map("connections")
            }
            error(.mismatch, "'connections'", "4 and 8 bytes", "4 and 4") {
                let _: HashMap<IPv4Address, UInt32> = try object.map("connections")
            }
            error(.mismatch, "'settings'", "4 bytes", "8") { let _: ArrayMap<UInt64> = try object.map("settings") }
        }

        @Test(.kernel) func anotherKindOfMapOrProgram() throws {
            let object = try minimalSpec().load()
            error(.mismatch, "it is a hash map", "array") { let _: ArrayMap<UInt64> = try object.map("connections") }
            error(.mismatch, "sock_ops", "XDP") { let _: XDPProgram = try object.program("count") }
            error(.mismatch, "hash map", "ring buffer") { let _: RingBuffer<UInt64> = try object.map("connections") }
        }

        @Test(.kernel) func noSuchName() throws {
            let object = try minimalSpec().load()
            let errors: [BPFError?] = [
                #expect(throws: BPFError.self) { let _: ArrayMap<UInt64> = try object.map("none") },
                #expect(throws: BPFError.self) { let _: XDPProgram = try object.program("none") },
                #expect(throws: BPFError.self) { _ = try object.structOps("none") },
            ]
            for error in errors { #expect(error?.code == .notFound) }
        }

        @Test(.kernel) func leftOut() throws {
            var spec = try minimalSpec()
            spec[map: "routes6"].isCreated = false
            let object = try spec.load()
            let map: LPMTrie<IPv6Address, UInt64> = try object.map("routes6")
            error(.notFound, "'routes6'", "left out") { _ = try map.entries() }
            error(.notFound, "'routes6'", "left out") {
                try map.update(1, for: Prefix(IPv6Address("::")!, bitCount: 0))
            }
        }

        // MARK: Pins

        @Test(.kernel) func pinThatBelongsToSomethingElse() async throws {
            try await TestBPFFS.with { directory in
                let object = try minimalSpec().load()
                let path = directory + "/pin"
                error(.notFound, path) { _ = try SockOpsProgram(pinnedAt: path) }

                let map: HashMap<IPv4Address, UInt64> = try object.map("connections")
                try map.pin(at: path)
                error(.mismatch, path, "a map is pinned there") { _ = try SockOpsProgram(pinnedAt: path) }
                error(.mismatch, path, "a map is pinned there") { _ = try CgroupLink(pinnedAt: path) }
                error(.mismatch, path, "hash map") { _ = try StructOpsLink(pinnedAt: path) }
                error(.mismatch, path, "16 and 8") { _ = try HashMap<IPv6Address, UInt64>(pinnedAt: path) }
                error(.mismatch, "'calls'", "existing map") {
                    var spec = try minimalSpec()
                    try spec[map: "calls"].reuse(pinnedAt: path)
                }

                let program: SockOpsProgram = try object.program("count")
                try program.pin(at: path)
                error(.mismatch, path, "a program is pinned there") {
                    _ = try HashMap<IPv4Address, UInt64>(pinnedAt: path)
                }
                error(.mismatch, path, "sock_ops") { _ = try XDPProgram(pinnedAt: path) }
            }
        }

        @Test(.kernel) func pinOutsideOfABPFFS() throws {
            let object = try minimalSpec().load()
            let map: HashMap<IPv4Address, UInt64> = try object.map("connections")
            error(.permission, "/tmp/pin", "bpffs") { try map.pin(at: "/tmp/pin\(getpid())") }
        }

        // MARK: Where to attach

        @Test(.kernel) func noCgroup() {
            error(.notFound, "/nowhere", "cgroup2") { _ = try Cgroup(path: "/nowhere") }
            error(.invalid, "not a cgroup", "cgroup2") { _ = try Cgroup(path: "/proc") }
            error(.notFound, "'nosuchdev'", "ip link") { _ = try NetworkInterface(name: "nosuchdev") }
        }

        @Test(.kernel) func noTracepoint() throws {
            let object = try minimalSpec(with: ["traceCalls"]).load()
            let program: RawTracepointProgram = try object.program("traceCalls")
            error(.notFound, "'no_such_tracepoint'") { _ = try program.attach(to: "no_such_tracepoint") }
        }

        @Test(.kernel) func noRights() throws {
            let error = try OwnThread.runWithoutCapabilities {
                do throws(BPFError) {
                    _ = try minimalSpec().load()
                    return BPFError?.none
                } catch { return error }
            }
            #expect(error?.code == .permission)
            #expect(error?.remedy?.contains("CAP_BPF") == true, "\(String(describing: error))")
        }
    }
}

/// An object without what not every kernel has.
func minimalSpec(with programs: Set<String> = []) throws(BPFError) -> ObjectSpec {
    var spec = try ObjectSpec(elf: TestPrograms.elf, name: TestPrograms.name)
    for index in spec.programs.indices {
        let name = spec.programs[index].name
        if ["traceFunction", "traceCalls", "visit", "visitUDP"].contains(name), !programs.contains(name) {
            spec.programs[index].isLoaded = false
        }
    }
    return spec
}
