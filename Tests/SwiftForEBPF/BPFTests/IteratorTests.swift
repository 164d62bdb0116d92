// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import Glibc
import TestSupport
import Testing

extension BPFTests {
    @Suite("Iterators visit a network namespace's sockets", .kernel) struct IteratorTests {
        private func spec(changing port: Int = 0) throws -> ObjectSpec {
            var spec = try minimalSpec(with: ["visit", "visitUDP"])
            try spec.setConstant("changedPort", to: UInt32(port))
            return spec
        }

        @Test("TCP: the sockets of the namespace, each time it is run") func tcp() async throws {
            try requires(.tcpIterators)
            try await TestBed.with { bed in
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                try probe.listen()
                let object = try spec().load()
                let calls: PerCPUArray<UInt64> = try object.map("calls")
                let program: IteratorProgram = try object.program("visit")
                let link = try program.attach()
                #expect(try link.info().type == .iterator)
                #expect(try calls.sum(at: 29) == 0)
                func count(_ namespace: String) throws -> UInt64 {
                    let before = try calls.sum(at: 29)
                    try NetworkNamespace(path: "/run/netns/" + namespace).run { () throws(BPFError) in try link.run() }
                    return try calls.sum(at: 29) - before
                }
                #expect(try count(bed.serverNamespace) == 1)
                #expect(try count(bed.clientNamespace) == 0)
                for index in 1...5 { _ = try probe.connect("\(index)") }
                #expect(try count(bed.serverNamespace) == 6)
                #expect(try count(bed.clientNamespace) == 5)
            }
        }

        @Test("UDP, by the same words") func udp() async throws {
            try requires(.tcpIterators)
            let object = try spec().load()
            let calls: PerCPUArray<UInt64> = try object.map("calls")
            let link = try object.program("visitUDP", as: IteratorProgram.self).attach()
            try await TestBed.with { bed in
                let count = try OwnThread.run(inNamespace: bed.serverNamespace) {
                    var address = sockaddr_in()
                    address.sin_family = sa_family_t(AF_INET)
                    let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
                    defer { close(socket) }
                    let bound = withUnsafePointer(to: &address) {
                        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                        }
                    }
                    #expect(bound == 0)
                    try link.run()
                    return try calls.sum(at: 28)
                }
                #expect(count == 1)
            }
        }

        @Test("a program changes the congestion control of the sockets that it chooses") func changesControl()
            async throws
        {
            try requires(.tcpIterators)
            try await TestBed.with { bed in
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                let port = try probe.listen("first")
                try probe.listen("second")
                _ = try probe.connect("a", to: "first")
                _ = try probe.connect("b", to: "second")
                let object = try spec(changing: port).load()
                let link = try object.program("visit", as: IteratorProgram.self).attach()
                try NetworkNamespace(path: "/run/netns/" + bed.serverNamespace).run { () throws(BPFError) in
                    try link.run()
                }
                #expect(try probe.info("a.server").control == "reno")
                #expect(try probe.info("b.server").control == "cubic")
                #expect(try probe.info("a.client").control == "cubic")
            }
        }

        @Test("a link is pinned, and another kind's isn't taken for one") func pinned() async throws {
            try requires(.tcpIterators)
            let object = try spec().load()
            try await TestBPFFS.with { directory in
                let path = directory + "/iterator"
                try object.program("visit", as: IteratorProgram.self).attach().pin(at: path)
                try IteratorLink(pinnedAt: path).run()
                let error = #expect(throws: BPFError.self) { _ = try XDPLink(pinnedAt: path) }
                #expect(error?.code == .mismatch)
            }
            let error = #expect(throws: BPFError.self) { _ = try object.program("route", as: IteratorProgram.self) }
            #expect(error?.description.contains("a tracing program is expected") == true)
        }
    }

    @Suite("Network namespaces") struct NamespaceTests {
        @Test("a thread of its own is in it, and no other", .kernel) func run() async throws {
            try await TestBed.with { bed in
                func own() -> UInt64 {
                    var status = stat()
                    return stat("/proc/thread-self/ns/net", &status) == 0 ? UInt64(status.st_ino) : 0
                }
                let path = "/run/netns/" + bed.serverNamespace
                var status = stat()
                #expect(stat(path, &status) == 0)
                let before = own()
                var inside: UInt64 = 0
                try NetworkNamespace(path: path).run { inside = own() }
                #expect(inside == UInt64(status.st_ino))
                #expect(inside != before)
                #expect(own() == before)
                let paths = NetworkNamespace.visiblePaths
                #expect(paths.first == "/proc/thread-self/ns/net")
                #expect(
                    paths.contains { path in
                        var other = stat()
                        return stat(path, &other) == 0 && other.st_ino == status.st_ino
                    })
            }
        }

        @Test("errors: no such one, no namespace, and what the body throws", .kernel) func errors() throws {
            var error = #expect(throws: BPFError.self) { _ = try NetworkNamespace(path: "/run/netns/none") }
            #expect(error?.code == .notFound)
            error = #expect(throws: BPFError.self) { try NetworkNamespace(path: "/proc/self/ns/uts").run {} }
            #expect(error?.code == .invalid)
            error = #expect(throws: BPFError.self) {
                try NetworkNamespace(path: "/proc/self/ns/net").run { () throws(BPFError) in
                    throw BPFError(.system, "testing")
                }
            }
            #expect(error?.action == "testing")
        }

        @Test("found in the mount table") func mounts() {
            let text = """
                30 22 0:26 / /run rw shared:9 - tmpfs tmpfs rw
                41 30 0:4 net:[4026532281] /run/netns/with\\040blank rw shared:2 - nsfs nsfs rw
                42 30 0:4 mnt:[4026532282] /run/mnt/other rw shared:2 - nsfs nsfs rw
                """
            #expect(Mounts.networkNamespaces(mountinfo: text) == ["/run/netns/with blank"])
            #expect(Mounts.networkNamespaces(mountinfo: "garbage - nsfs\n- nsfs") == [])
        }
    }
}
