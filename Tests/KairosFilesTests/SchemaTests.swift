import Foundation
import KairosCompiler
import KairosFiles
import KairosTestSupport
import Testing

@testable import KairosFiles

@Suite struct SchemaTests {
    @Test func `the schema of modules has every key of a module, and no engine modules`() throws {
        let data = Data(ModuleSchema.text(ModuleRegistry.standard.declarations).utf8)
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(ModuleReader.words + ["kairos"]))
        func words(_ key: String) -> Set<String> {
            let named = (properties[key] as? [String: Any])?["additionalProperties"] as? [String: Any]
            let long = (named?["anyOf"] as? [[String: Any]])?.last?["properties"] as? [String: Any]
            return Set(long?.keys.map { $0 } ?? [])
        }
        #expect(words("inlets") == Set(ModuleReader.portWords) && words("outlets") == words("inlets"))
        #expect(words("params") == Set(ModuleReader.paramWords))
        let modules = try #require(properties["modules"] as? [String: Any])
        let types = (modules["additionalProperties"] as? [String: Any])?["oneOf"] as? [[String: Any]]
        #expect(types?.contains { $0["title"] as? String == "saw" } == true)
        #expect(types?.contains { $0["title"] as? String == "keys" } == false)
    }

    @Test func `the schema of patches has every key of a patch, every module and every parameter`() throws {
        let data = Data(PatchSchema.text(ModuleRegistry.standard.declarations).utf8)
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(PatchReader.words + ["kairos"]))
        let modules = try #require(properties["modules"] as? [String: Any])
        let types = try #require(
            (modules["additionalProperties"] as? [String: Any])?["oneOf"] as? [[String: Any]])
        #expect(types.map { $0["title"] as? String } == ModuleRegistry.standard.types.map(\.name))
        for (type, object) in zip(ModuleRegistry.standard.types, types) {
            let own = try #require(object["properties"] as? [String: Any])
            #expect(Set(own.keys) == Set(type.params.map(\.symbol) + ["type", "each"]))
        }
    }

    @Test func `the schemas of mappings and set lists have every key that is read`() throws {
        func object(_ text: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
        func words(_ object: [String: Any], _ key: String? = nil) throws -> Set<String> {
            var properties = try #require(object["properties"] as? [String: Any])
            if let key {
                let list = try #require(properties[key] as? [String: Any])
                let item = try #require(list["items"] as? [String: Any])
                properties = try #require(item["properties"] as? [String: Any])
            }
            return Set(properties.keys)
        }
        let mapping = try object(MappingSchema.text)
        #expect(try words(mapping) == Set(MappingReader.words + ["kairos"]))
        #expect(try words(mapping, "controls") == Set(MappingReader.controlWords))
        let list = try object(SetListSchema.text)
        #expect(try words(list) == Set(SetListReader.words + ["kairos"]))
        #expect(try words(list, "entries") == Set(SetListReader.entryWords + SetListReader.layerWords))
    }
}
