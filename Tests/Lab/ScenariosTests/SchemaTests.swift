// SPDX-License-Identifier: Apache-2.0

import Foundation
import Scenarios
import Testing

/// As much of JSON Schema as the scenarios' uses to name keys and values.
private final class Schema: Decodable {
    let properties: [String: Schema]?
    let definitions: [String: Schema]?
    let reference: String?
    let items: Schema?
    let words: [String]?
    let additionalProperties: Bool?

    enum CodingKeys: String, CodingKey {
        case properties
        case definitions = "$defs"
        case reference = "$ref"
        case items
        case words = "enum"
        case additionalProperties
    }

    var keys: Set<String> { Set(properties.map(\.keys).map(Array.init) ?? []) }
}

@Suite("Scenarios/schema.json, which editors read, says what the reader does") struct SchemaTests {
    private let root: Schema

    init() throws {
        let file = URL(fileURLWithPath: CatalogueTests.directory).appendingPathComponent("schema.json")
        root = try JSONDecoder().decode(Schema.self, from: Data(contentsOf: file))
    }

    private func section(_ name: String) throws -> Schema { try #require(root.definitions?[name]) }

    private func known<Keys: CaseIterable & RawRepresentable<String>>(_ keys: Keys.Type) -> Set<String> {
        Set(keys.allCases.map(\.rawValue))
    }

    @Test func sameKeys() throws {
        let path = try #require(root.properties?["path"])
        let saved = try #require(root.properties?["saved"])
        let sections = try [root, path, saved, section("link"), section("burst"), section("change")]
        #expect(sections[0].keys == known(ScenarioKeys.Root.self))
        #expect(sections[1].keys == known(ScenarioKeys.Path.self))
        #expect(sections[2].keys == known(ScenarioKeys.Saved.self))
        #expect(sections[3].keys == known(ScenarioKeys.Link.self))
        #expect(sections[4].keys == known(ScenarioKeys.Burst.self))
        #expect(sections[5].keys == known(ScenarioKeys.Change.self))
        #expect(sections.allSatisfy { $0.additionalProperties == false })
        for (section, keys) in [("path", ["down", "up"]), ("change", ["down", "up"])] {
            let schema = try section == "path" ? path : self.section(section)
            #expect(keys.allSatisfy { schema.properties?[$0]?.reference == "#/$defs/link" })
        }
        #expect(root.properties?["changes"]?.items?.reference == "#/$defs/change")
        #expect(try section("link").properties?["burst"]?.reference == "#/$defs/burst")
    }

    @Test func sameWords() {
        func words(_ key: ScenarioKeys.Root) -> [String]? { root.properties?[key.rawValue]?.words }
        #expect(words(.client) == Scenario.Client.allCases.map(\.rawValue))
        #expect(words(.family) == Scenario.Family.allCases.map(\.rawValue))
        #expect(words(.receiveWindow) == Scenario.ReceiveWindow.allCases.map(\.rawValue))
        #expect(words(.neighbour) == Scenario.Neighbour.allCases.map(\.rawValue))
        #expect(root.properties?["congestion-control"]?.items?.words == ["cubic", "reno", "bbr"])
    }

    @Test("each file of the catalogue names the schema for editors")
    func everyFileNamesIt() throws {
        for scenario in try Catalogue(directory: CatalogueTests.directory).scenarios {
            #expect(scenario.source.contains("\n# yaml-language-server: $schema=schema.json\n"), "\(scenario.name)")
        }
    }
}
