import Foundation
import KairosCompiler
import KairosControl
import KairosFiles
import KairosPatch
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
        let all = ModuleRegistry.standard.types
        let notStages = all.filter { !$0.isNoteStage }
        #expect(types.map { $0["title"] as? String } == notStages.map(\.name))
        for (type, object) in zip(notStages, types) {
            let own = try #require(object["properties"] as? [String: Any])
            #expect(Set(own.keys) == Set(type.params.map(\.symbol) + ["type", "each"]))
        }
        let notes = try #require((properties["notes"] as? [String: Any])?["items"] as? [String: Any])
        let stages = try #require(notes["oneOf"] as? [[String: Any]])
        #expect(stages.map { $0["title"] as? String } == all.filter(\.isNoteStage).map(\.name))
        for (type, object) in zip(all.filter(\.isNoteStage), stages) {
            let own = try #require(object["properties"] as? [String: Any])
            let lists = type.declaration.listedParams.filter { $0.count > 1 }.map(\.name)
            #expect(Set(own.keys) == Set(type.params.map(\.symbol) + lists + ["type", "name"]))
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

    @Test func `the schemas of sessions and presets have every key that is read`() throws {
        let session = try object(SessionSchema.text)
        #expect(keys(session) == Set(SessionReader.words + ["kairos"]))
        for (key, words) in [
            ("entry", SessionReader.entryWords), ("master", SessionReader.masterWords),
            ("channels", SessionReader.channelWords), ("scale", SessionReader.scaleWords),
            ("tunings", SessionReader.tuningWords), ("values", SessionReader.layerWords),
            ("edits", SessionReader.editWords),
        ] {
            #expect(keys(try inner(session, key)) == Set(words), "\(key)")
        }
        let presets = try object(PresetSchema.text)
        #expect(keys(presets) == Set(PresetFile.words + ["kairos"]))
        #expect(keys(try inner(presets, "presets")) == Set(PresetFile.presetWords))
        let mapping = try object(MappingSchema.text)
        #expect(keys(try inner(mapping, "shift")) == Set(MappingReader.shiftWords))
        #expect(keys(try inner(mapping, "sustain")) == Set(MappingReader.sustainWords))
        #expect(keys(try inner(mapping, "mpe")) == Set(MappingReader.zoneWords))
        let patch = try object(PatchSchema.text(ModuleRegistry.standard.declarations))
        #expect(keys(try inner(patch, "macros")) == Set(PatchReader.macroWords))
    }

    // Fails where a default in a schema is not that of the reader.
    @Test func `a file with every default of its schema reads as one without them`() throws {
        let patch = try object(PatchSchema.text(ModuleRegistry.standard.declarations))
        let text = "kairos: patch/1\nname: A\nmodules: { out: { type: output } }\n"
        let whole = text + defaults(patch).map { $0 + "\n" }.joined()
        #expect(try PatchFile.parse(whole, file: "a.yaml") == PatchFile.parse(text, file: "a.yaml"))

        let mapping = try object(MappingSchema.text)
        func map(_ root: [String], _ sustain: [String], _ control: [String]) throws -> Mapping {
            let control = (["cc: 20", "to: macro 1"] + control).joined(separator: ", ")
            let lines = ["kairos: mapping/1", "controls: [{ \(control) }]"] + root
            let pedal = sustain.isEmpty ? [] : ["sustain: { \(sustain.joined(separator: ", ")) }"]
            return try MappingFile.parse((lines + pedal).joined(separator: "\n"), file: "a.yaml")
        }
        let mapped = try map(
            defaults(mapping), defaults(inner(mapping, "sustain")), defaults(inner(mapping, "controls")))
        #expect(try mapped == map([], [], []))

        let list = try object(SetListSchema.text)
        func entries(_ root: [String], _ entry: [String]) throws -> SetList {
            let entry = (["patch: a"] + entry).joined(separator: ", ")
            let lines = ["kairos: setlist/1", "name: A", "entries: [{ \(entry) }]"] + root
            return try SetListFile.parse(lines.joined(separator: "\n"), file: "a.setlist.yaml")
        }
        #expect(try entries(defaults(list), defaults(inner(list, "entries"))) == entries([], []))

        let session = try object(SessionSchema.text)
        func saved(_ root: [String], _ master: [String], _ channel: [String]) throws -> SavedSession {
            let channel = (["channel: 3"] + channel).joined(separator: ", ")
            let lines = ["kairos: session/1", "channels: [{ \(channel) }]"] + root
            let whole = lines + (master.isEmpty ? [] : ["master: { \(master.joined(separator: ", ")) }"])
            return try SessionFile.parse(whole.joined(separator: "\n"), file: "session.yaml")
        }
        let all = try saved(
            defaults(session), defaults(inner(session, "master")), defaults(inner(session, "channels")))
        #expect(try all == saved([], [], []))
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The keys that a schema of a mapping declares.
    private func keys(_ schema: [String: Any]) -> Set<String> {
        Set((schema["properties"] as? [String: Any] ?? [:]).keys)
    }

    /// The schema of the mapping that is the value of `key`, or of the items of the list that is.
    private func inner(_ schema: [String: Any], _ key: String) throws -> [String: Any] {
        let value = try #require((schema["properties"] as? [String: Any])?[key] as? [String: Any])
        return value["items"] as? [String: Any] ?? value
    }

    /// Each key of a schema that has a default, as YAML: `key: value`.
    private func defaults(_ schema: [String: Any]) -> [String] {
        (schema["properties"] as? [String: Any] ?? [:]).sorted { $0.key < $1.key }.compactMap { key, value in
            guard let value = value as? [String: Any], let preset = value["default"] else { return nil }
            let isFlag = value["type"] as? String == "boolean"
            return "\(key): \(isFlag ? "\(preset as? Bool ?? true)" : "\(preset)")"
        }
    }
}
