// SPDX-License-Identifier: Apache-2.0

import BPF
import Foundation
import TestSupport
import Testing

extension BPFTests {
    @Suite("A congestion control is registered and taken back", .kernel) struct StructOpsTests {
        private let name = "bpft\(getpid())"

        private func spec(_ name: String) throws(BPFError) -> ObjectSpec {
            var spec = try minimalSpec()
            spec[structOps: "bpftest"].name = name
            return spec
        }

        private func isRegistered(_ name: String) throws -> Bool {
            try String(contentsOfFile: "/proc/sys/net/ipv4/tcp_available_congestion_control", encoding: .utf8)
                .split { $0 == " " || $0 == "\n" }.contains { $0 == name }
        }

        private func isGone(_ name: String) throws -> Bool {
            try Patience.until { try !isRegistered(name) }
        }

        @Test("under the name that the spec gives; dropping the link takes it back", arguments: [nil, false])
        func registration(isLinked: Bool?) throws {
            var spec = try spec(name)
            spec[structOps: "bpftest"].isLinked = isLinked
            let object = try spec.load()
            let variable = try object.structOps("bpftest")
            #expect(variable.name == name)
            #expect(try !isRegistered(name))
            do {
                let link = try variable.register()
                #expect(link.isLinked == (isLinked ?? (Feature.structOpsLinks.probe() == .yes)))
                #expect(try isRegistered(name))
                let again = try self.spec(name).load()
                let error = #expect(throws: BPFError.self) { _ = try again.structOps("bpftest").register() }
                #expect(error?.remedy == "register it under another name", "\(String(describing: error))")
            }
            #expect(try isGone(name))
        }

        @Test("a pinned registration stands until it is taken back", arguments: [nil, false])
        func pinned(isLinked: Bool?) async throws {
            try await TestBPFFS.with { directory in
                let path = directory + "/control"
                do {
                    var spec = try spec(name)
                    spec[structOps: "bpftest"].isLinked = isLinked
                    let object = try spec.load()
                    _ = try object.structOps("bpftest").register(pinnedAt: path)
                }
                #expect(try isRegistered(name))
                do {
                    let link = try StructOpsLink(pinnedAt: path)
                    #expect(link.isLinked == (isLinked ?? (Feature.structOpsLinks.probe() == .yes)))
                }
                #expect(try isRegistered(name))
                try StructOpsLink.unregister(pinnedAt: path)
                #expect(!Pin.exists(path))
                #expect(try isGone(name))
                try StructOpsLink.unregister(pinnedAt: path)
            }
        }

        @Test("replaced in place, where the kernel has links") func update() throws {
            try requires(.structOpsLinks)
            let first = try spec(name).load()
            let second = try spec(name).load()
            let link = try first.structOps("bpftest").register()
            try link.update(try second.structOps("bpftest"))
            #expect(try isRegistered(name))
        }
    }
}
