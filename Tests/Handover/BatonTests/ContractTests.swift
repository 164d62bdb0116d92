// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

/// What others rely on: the public record, and the layout of pinned maps.
@Suite struct ContractTests {
    @Test("the 64-byte record, as Documentation/records.md shows it")
    func record() {
        #expect(MemoryLayout<SavedParameters>.size == 64)
        #expect(MemoryLayout<SavedParameters>.stride == 64)
        let offsets: [(PartialKeyPath<SavedParameters>, Int)] = [
            (\.cwndBytes, 0), (\.ssthreshBytes, 8), (\.savedAtNanoseconds, 16), (\.lastHeardAtNanoseconds, 24),
            (\.lifetimeNanoseconds, 32), (\.generation, 40), (\.srttMicroseconds, 48), (\.minRTTMicroseconds, 52),
            (\.flags, 56),
        ]
        for (field, offset) in offsets {
            #expect(MemoryLayout<SavedParameters>.offset(of: field) == offset, "\(field)")
        }
        #expect(SavedParameters.neverLost == .max)
        #expect(SavedParameters.failedFlag == 1)
        #expect(SavedParameters.tcpFlag == 2)
    }

    @Test("its key: an IPv6 address in network order, an IPv4 address as ::ffff:a.b.c.d")
    func key() throws {
        #expect(MemoryLayout<RemoteEndpoint>.size == 16)
        let endpoint = try #require(RemoteEndpoint("192.0.2.7"))
        #expect(
            withUnsafeBytes(of: endpoint) { Array($0) } == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7])
    }

    @Test("the counts of cases match the enums")
    func counts() {
        #expect(Outcome.count == UInt32(Outcome.allCases.count))
        #expect(Outcome.allCases.map(\.rawValue) == Array(0..<Outcome.count))
        #expect(Trigger.count == UInt32(Trigger.allCases.count))
        #expect(Trigger.allCases.map(\.rawValue) == Array(0..<Trigger.count))
    }

    @Test("a pinned map's layout changes with a new layout version only")
    func layout() throws {
        let version = KernelConfiguration.currentLayoutVersion
        let file = Machine.packageDirectory.appending(path: "Tests/Handover/BatonTests/Layouts/\(version).txt")
        let actual = try MapLayout.description(of: try Handover.objectSpec())
        if ProcessInfo.processInfo.environment["BATON_RECORD_LAYOUT"] == "1" {
            try actual.write(to: file, atomically: true, encoding: .utf8)
        }
        let recorded = try? String(contentsOf: file, encoding: .utf8)
        let advice = """
            The layout of a pinned map is not that of layout version \(version) in Layouts/\(version).txt. Raise \
            KernelConfiguration.currentLayoutVersion, then run this test with BATON_RECORD_LAYOUT=1 and commit the new file.
            """
        #expect(actual == recorded, Comment(rawValue: advice))
    }
}

/// The layout of a map as text, from the object's own type information.
enum MapLayout {
    /// One line per map: name, type, key and value with the offsets of all members.
    static func description(of object: ObjectSpec) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "layout-\(UUID().uuidString).o")
        try Data(try object.encoded()).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let output = try Machine.demand("bpftool", "-j", "btf", "dump", "file", path.path)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        let types = try #require(body["types"] as? [[String: Any]])
        let reader = Reader(types: Dictionary(uniqueKeysWithValues: types.map { ($0["id"] as? Int ?? 0, $0) }))
        return object.maps.sorted { $0.name < $1.name }.map { map in
            let parts = reader.keyAndValue(of: map.name)
            return "\(map.name) type \(map.type.rawValue) flags \(map.flags.rawValue) key \(map.keySize) \(parts.key) "
                + "value \(map.valueSize) \(parts.value)\n"
        }.joined() + record(Decision()) + record(PhaseEvent())
    }

    /// Records of the ring buffer `events`, of which the object has no types.
    private static func record<Record>(_ value: Record) -> String {
        let members = Mirror(reflecting: value).children.map { "\($0.label ?? ""):\(type(of: $0.value))" }
        return "events \(Record.self) \(MemoryLayout<Record>.size) {\(members.joined(separator: " "))}\n"
    }

    private struct Reader {
        let types: [Int: [String: Any]]

        func keyAndValue(of map: String) -> (key: String, value: String) {
            guard let variable = types.values.first(where: { kind($0) == "VAR" && $0["name"] as? String == map }),
                let definition = types[variable["type_id"] as? Int ?? 0]
            else { return ("-", "-") }
            func target(_ name: String) -> String {
                guard let member = members(definition).first(where: { $0["name"] as? String == name }),
                    let pointer = types[member["type_id"] as? Int ?? 0]
                else { return "-" }
                return text(pointer["type_id"] as? Int ?? 0)
            }
            return (target("key"), target("value"))
        }

        private func kind(_ type: [String: Any]) -> String { type["kind"] as? String ?? "" }
        private func members(_ type: [String: Any]) -> [[String: Any]] { type["members"] as? [[String: Any]] ?? [] }

        private func text(_ id: Int) -> String {
            guard let type = types[id] else { return "void" }
            let name = type["name"] as? String ?? ""
            switch kind(type) {
            case "STRUCT", "UNION":
                let parts = members(type).map { member in
                    let offset = (member["bits_offset"] as? Int ?? 0) / 8
                    return "\(member["name"] as? String ?? "")@\(offset):\(text(member["type_id"] as? Int ?? 0))"
                }
                return "{" + parts.joined(separator: " ") + "}"
            case "ARRAY": return "\(text(type["type_id"] as? Int ?? 0))[\(type["nr_elems"] as? Int ?? 0)]"
            case "TYPEDEF", "CONST", "VOLATILE": return text(type["type_id"] as? Int ?? 0)
            default: return name.isEmpty ? kind(type) : name
            }
        }
    }
}
