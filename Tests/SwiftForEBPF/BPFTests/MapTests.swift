// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import BPFTestProgramsShared
import Foundation
import TestSupport
import Testing

extension BPFTests {
    @Suite("Maps, written and read from user space", .kernel) struct MapTests {
        private func load() throws(BPFError) -> Object { try minimalSpec().load() }

        private let peer = IPv4Address(192, 0, 2, 1)

        @Test func hashMap() throws {
            let map: HashMap<IPv4Address, UInt64> = try load().map("connections")
            #expect(map.maxEntries == 64)
            #expect(try map.value(for: peer) == nil)
            #expect(try !map.replace(1, for: peer))
            #expect(try map.insert(2, for: peer))
            #expect(try !map.insert(3, for: peer))
            #expect(try map.replace(4, for: peer))
            #expect(try map.value(for: peer) == 4)
            try map.update(5, for: peer)
            #expect(try map.keys() == [peer])
            #expect(try map.take(peer) == 5)
            #expect(try map.take(peer) == nil)
            try map.update(6, for: peer)
            #expect(try map.removeValue(for: peer))
            #expect(try !map.removeValue(for: peer))
            #expect(try map.entries().isEmpty)
        }

        @Test("a full hash map says so") func full() throws {
            var spec = try minimalSpec()
            spec[map: "connections"].maxEntries = 1
            let map: HashMap<IPv4Address, UInt64> = try spec.load().map("connections")
            try map.update(1, for: peer)
            let error = #expect(throws: BPFError.self) { try map.update(1, for: IPv4Address(192, 0, 2, 2)) }
            #expect(error?.description.contains("full") == true)
        }

        @Test("many entries, in batches and one by one", arguments: [1, 64, 5000], [true, false])
        func manyEntries(capacity: UInt32, inBatches: Bool) throws {
            try BatchOperations.$areAllowed.withValue(inBatches) { try manyEntries(capacity) }
        }

        private func manyEntries(_ capacity: UInt32) throws {
            var spec = try minimalSpec()
            spec[map: "connections"].maxEntries = capacity
            let map: HashMap<IPv4Address, UInt64> = try spec.load().map("connections")
            let wanted = (0..<capacity).map { (key: IPv4Address(networkOrder: $0), value: UInt64($0) * 3) }
            try map.update(contentsOf: wanted)
            let entries = try map.entries().sorted { $0.key.networkOrder < $1.key.networkOrder }
            #expect(entries.map(\.key) == wanted.map(\.key))
            #expect(entries.map(\.value) == wanted.map(\.value))
            var count = 0
            try map.forEach { (_, _) throws(BPFError) in count += 1 }
            #expect(count == capacity)
            // Half of these keys have no entry.
            let keys = stride(from: 0, to: capacity * 2, by: 2).map { IPv4Address(networkOrder: $0) }
            #expect(try map.removeValues(for: keys) == (capacity + 1) / 2)
            #expect(try map.removeAll() == capacity / 2)
            #expect(try map.keys().isEmpty)
        }

        @Test("values that don't fill their words") func oddSize() throws {
            let map: HashMap<IPv6Address, Sample> = try load().map("recent")
            let address = try #require(IPv6Address("2001:db8::1"))
            #expect(MemoryLayout<Sample>.size == 29)
            let sample = Sample(cookie: 1, peer: address, localPort: 80, isPassive: true)
            try map.update(sample, for: address)
            try map.update(contentsOf: [(key: IPv6Address(mapping: peer), value: sample)])
            let entries = try map.entries()
            #expect(entries.count == 2)
            #expect(entries.allSatisfy { $0.value.localPort == 80 && $0.value.isPassive && $0.value.peer == address })
        }

        @Test func array() throws {
            let map: ArrayMap<FilterSettings> = try load().map("settings")
            #expect(map.count == 4)
            #expect(try map.value(at: 3).code == 0)
            try map.update(FilterSettings(dropsAll: true, code: 7), at: 3)
            #expect(try map.values().map(\.code) == [0, 0, 0, 7])
            #expect(try map.value(at: 3).dropsAll)
            #expect(throws: BPFError.self) { try map.value(at: 4) }
            #expect(throws: BPFError.self) { try map.update(FilterSettings(dropsAll: true, code: 7), at: 4) }
        }

        @Test func perCPU() throws {
            let object = try load()
            let array: PerCPUArray<UInt64> = try object.map("calls")
            let cpus = try array.values(at: 0).count
            #expect(cpus >= ProcessInfo.processInfo.processorCount)
            try array.update((0..<UInt64(cpus)).map { $0 + 1 }, at: 31)
            #expect(try array.values(at: 31) == (0..<UInt64(cpus)).map { $0 + 1 })
            #expect(try array.sum(at: 31) == UInt64(cpus * (cpus + 1) / 2))
            #expect(throws: BPFError.self) { try array.values(at: 32) }
            #expect(throws: BPFError.self) { try array.update([], at: 0) }

            let map: PerCPUHashMap<UInt32, UInt64> = try object.map("packets")
            #expect(try map.values(for: 1) == nil)
            #expect(try map.sum(for: 1) == 0)
            for key in 1...50 as ClosedRange<UInt32> {
                try map.update(Array(repeating: UInt64(key), count: cpus), for: key)
            }
            for inBatches in [true, false] {
                let entries = try BatchOperations.$areAllowed.withValue(inBatches) { try map.entries() }
                #expect(Set(entries.map(\.key)) == Set(1...50))
                #expect(
                    entries.allSatisfy { entry in entry.values == Array(repeating: UInt64(entry.key), count: cpus) })
            }
            #expect(try map.sum(for: 9) == 9 * UInt64(cpus))
            #expect(try map.removeValues(for: 9))
            #expect(try !map.removeValues(for: 9))
        }

        @Test func longestPrefix() throws {
            let object = try load()
            let map: LPMTrie<IPv4Address, UInt32> = try object.map("routes")
            try map.update(8, for: Prefix(IPv4Address(10, 0, 0, 0), bitCount: 8))
            try map.update(24, for: Prefix(IPv4Address(10, 1, 2, 0), bitCount: 24))
            #expect(try map.value(matching: IPv4Address(10, 1, 2, 3)) == 24)
            #expect(try map.value(matching: IPv4Address(10, 9, 9, 9)) == 8)
            #expect(try map.value(matching: peer) == nil)
            #expect(Set(try map.entries().map { "\($0.prefix) \($0.value)" }) == ["10.0.0.0/8 8", "10.1.2.0/24 24"])
            #expect(try map.removeValue(for: Prefix(IPv4Address(10, 1, 2, 0), bitCount: 24)))
            #expect(try map.value(matching: IPv4Address(10, 1, 2, 3)) == 8)
            #expect(throws: BPFError.self) { try map.update(1, for: Prefix(peer, bitCount: 33)) }

            let map6: LPMTrie<IPv6Address, UInt64> = try object.map("routes6")
            try map6.update(6, for: Prefix(try #require(IPv6Address("2001:db8::")), bitCount: 32))
            #expect(try map6.value(matching: try #require(IPv6Address("2001:db8:1::1"))) == 6)
        }

        @Test func socketStorage() throws {
            let map: SocketStorage<UInt64> = try load().map("marks")
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            #expect(try map.value(for: socket) == nil)
            #expect(try map.insert(1, for: socket))
            #expect(try !map.insert(2, for: socket))
            try map.update(3, for: socket)
            #expect(try map.value(for: socket) == 3)
            #expect(try map.removeValue(for: socket))
            #expect(try !map.removeValue(for: socket))
            #expect(throws: BPFError.self) { try map.value(for: map.fileDescriptor) }
        }

        @Test func queue() throws {
            let map: Queue<UInt64> = try load().map("pending")
            #expect(map.maxEntries == 4)
            #expect(try map.pop() == nil)
            for number in 1...4 as ClosedRange<UInt64> { try map.push(number) }
            #expect(throws: BPFError.self) { try map.push(5) }
            #expect(try map.peek() == 1)
            #expect(try (1...4).map { _ in try map.pop() } == [1, 2, 3, 4])
            #expect(try map.peek() == nil)
        }

        @Test("a map outlives its object by a pin, and serves the next") func reuse() async throws {
            try await TestBPFFS.with { directory in
                let path = directory + "/connections"
                do {
                    let map: HashMap<IPv4Address, UInt64> = try load().map("connections")
                    try map.update(1, for: peer)
                    try map.pin(at: path)
                    // Again: the pin gives way at once.
                    try map.pin(at: path)
                }
                var spec = try minimalSpec()
                try spec[map: "connections"].reuse(pinnedAt: path)
                let object = try spec.load()
                let map: HashMap<IPv4Address, UInt64> = try object.map("connections")
                #expect(try map.value(for: peer) == 1)
                let pinned = try HashMap<IPv4Address, UInt64>(pinnedAt: path)
                #expect(try pinned.info().id == map.info().id)
                spec = try minimalSpec()
                try spec[map: "connections"].reuse(map)
                let shared: HashMap<IPv4Address, UInt64> = try spec.load().map("connections")
                #expect(try shared.info().id == map.info().id)
                #expect(Pin.names(in: directory).filter { !$0.contains(".") } == ["connections"])
            }
        }

        @Test("flags and capacity arrive in the kernel") func settings() throws {
            var spec = try minimalSpec()
            spec[map: "connections"].flags.insert(.noPreallocation)
            spec[map: "connections"].maxEntries = 7
            spec[map: "connections"].numaNode = 0
            spec[map: "recent"].type = .hash
            let object = try spec.load()
            let map: HashMap<IPv4Address, UInt64> = try object.map("connections")
            let info = try map.info()
            #expect(info.maxEntries == 7)
            #expect(info.flags.contains(.noPreallocation))
            #expect(info.name == "connections")
            let recent: HashMap<IPv6Address, Sample> = try object.map("recent")
            #expect(try recent.info().type == .hash)
        }
    }
}
