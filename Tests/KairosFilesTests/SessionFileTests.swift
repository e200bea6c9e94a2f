import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

@testable import KairosFiles

@Suite struct SessionFileTests {
    /// A state in which everything is other than at the start.
    private static func full() throws -> SavedSession {
        var state = SavedSession()
        state.saved = "2026-11-25T21:14:05+0100"
        state.owner = .init(setList: "friday", folder: "/home/me/my patches")
        state.entry = .init(name: .init("Tide: \"on\""), number: 3 * 128 + 5)
        state.settings.tempo = 97.3
        state.settings.volume = 0.333_333_34
        state.settings.balance = 0.1
        state.settings.fineTuning = -0.123_456_78
        state.settings.coarseTuning = 5
        for index in state.settings.channels.indices {
            state.settings.channels[index].volume = Float(index) / 17
            state.settings.channels[index].pan = 1 / Float(index + 3)
        }
        state.settings.channels[3].bendRange = 12.07
        state.settings.channels[3].fineTuning = 9000
        state.settings.channels[3].coarseTuning = -12
        state.settings.channels[3].tuningProgram = 127
        state.settings.channels[3].octave = (0..<12).map { Float($0) / 100 - 0.07 }
        state.settings.tunings = [
            0: [60: 60.015_625],
            127: Dictionary(uniqueKeysWithValues: (0..<128).map { ($0, Float($0) * 0.99) }),
        ]
        var pitches = (0..<128).map { Double($0) * 1.01 - 0.1 }
        pitches[5] = .nan
        state.scale = Tuning(name: "Bohlen: 13\nsteps", pitches: pitches)
        state.keptMacros = [.init(name: .init("Reverb é"), position: 0.7)]
        state.layers = [
            .init(layer: 0, patch: .init("tide"), values: [.init(.init("filter.cutoff"), .init("1.2 kHz"))]),
            .init(layer: 16, patch: .init("hall"), values: [.init(.init("echo.mode"), .init("on"))]),
        ]
        for file in ["slow-tide", "comet-lead", "hall"] {
            var patch = try PatchFile.read(path: Checkout.folder + "/Patches/\(file).yaml")
            patch.name += " 2"
            state.edits.append(
                .init(file: .init(file), base: SavedSession.fingerprint(file), patch: patch))
        }
        return state
    }

    @Test func `a state reads back from its text as it was, to the bit`() throws {
        let state = try Self.full(), text = SessionFile.text(state)
        let again = try SessionFile.parse(text, file: "session.yaml")
        #expect(SessionFile.text(again) == text)
        #expect(again.owner == state.owner && again.saved == state.saved)
        #expect(
            again.entry?.name.text == state.entry?.name.text && again.entry?.number == state.entry?.number)
        #expect(again.settings == state.settings)
        #expect(again.scale?.name == state.scale?.name)
        #expect(again.scale?.pitches.map(\.bitPattern) == state.scale?.pitches.map(\.bitPattern))
        #expect(again.keptMacros.map(\.position) == [0.7] && again.keptMacros[0].name.text == "Reverb é")
        #expect(again.layers.map(\.layer) == [0, 16])
        #expect(again.layers[1].values[0].value.text == "on", "a text is a text, whatever word it is")
        for (edit, before) in zip(again.edits, state.edits) {
            #expect(PatchFile.text(edit.patch) == PatchFile.text(before.patch))
            #expect(edit.base == before.base)
        }
        // What is as at the start is left out.
        #expect(SessionFile.text(SavedSession()) == "kairos: session/1\n")
        #expect(try SessionFile.parse("kairos: session/1\n", file: "s") == SavedSession())
    }

    @Test func `each thing that is wrong with a state is told with its place`() throws {
        let wrong = """
            kairos: session/1
            entry: { nam: Tide }
            tempo: 1000
            master: { volume: loud }
            channels:
              - { channel: 17 }
              - { volume: 50 % }
              - { channel: any, octave: [1, 2] }
            keptMacros: [Bright]
            scale: { pitches: [1, x, soon] }
            tunings:
              - { keys: { 60: 60 } }
              - { program: 3, keys: { 128: 60, 60: 200 } }
            values:
              - { layer: 1, set: { filter.cutoff: 3 } }
              - { layer: 0, patch: tide }
              - { layer: master, patch: hall, set: [1] }
            edits:
              - file: tide
                patch:
                  name: Tide
              - file: hall
                patch:
                  kairos: patch/1
                  name: Hall
                  modules:
                    osc: { typ: saw }
            vlaues: []
            """
        let error = #expect(throws: Diagnostics.self) { try SessionFile.parse(wrong, file: "s") }
        let told = error?.description.split(separator: "\n").map(String.init) ?? []
        for expected in [
            "s:2:10: entry has no 'nam'", "s:2:8: the entry has no name",
            "s:3:8: tempo: '1000' is outside 20.0 … 400.0", "s:4:19: volume: 'loud' is not a number",
            "s:6:16: channel should be a whole number from 1 to 16", "s:7:5: this says no channel",
            "s:8:29: an octave has 12 values, and these are 2", "s:9:13: keptMacros should be a mapping",
            "s:10:26: a pitch is a number of semitones",
            "s:10:19: a scale has a pitch for each of 128 keys, and these are 3",
            "s:12:5: this says no program", "s:13:27: a key should be a whole number from 0 to 127",
            "s:13:40: a pitch: 200 has no unit", "s:15:5: values belong to a layer and its patch",
            "s:16:14: layer should be a whole number from 1 to 16", "s:17:40: set should be a mapping",
            "s:21:7: a patch was expected, that begins with 'kairos: patch/1'",
            "s:27:9: module 'osc' has no type", "s:28:1: a state has no 'vlaues'. Did you mean 'values'?",
        ] {
            #expect(
                told.contains { $0.hasPrefix(expected) },
                "\(expected) is not in\n\(told.joined(separator: "\n"))")
        }
    }

    @Test func `half a state is none, wherever it ends`() throws {
        let text = SessionFile.text(try Self.full())
        // The lines before the last section are whole values of their own; the last line says so.
        var wholes = 0
        for count in stride(from: 1, to: text.utf8.count, by: 97) {
            let layer = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            if let state = try? SessionFile.parse(layer, file: "s") {
                wholes += 1
                #expect(text.hasPrefix(layer) && state.edits.count <= 3)
            }
        }
        #expect(wholes * 2 < text.utf8.count / 97, "\(wholes)")
    }

    @Test func `presets read back, and what is wrong with them is told`() throws {
        var presets = Presets(patch: "tide")
        #expect(try PresetFile.parse(PresetFile.text(presets), file: "p") == presets)
        for name in ["dark", "true", "12"] {
            presets.list.append(
                .init(
                    name: .init(name),
                    values: [.init(.init("osc.shape"), .init("off")), .init(.init("a.b"), .init("-6 dB"))])
            )
        }
        let text = PresetFile.text(presets), again = try PresetFile.parse(text, file: "p")
        #expect(PresetFile.text(again) == text && again.list.map(\.name.text) == ["dark", "true", "12"])
        #expect(again.list[1].values.map(\.value.text) == ["off", "-6 dB"])
        let wrong = text.replacing("name: true", with: "name: dark").replacing("set:", with: "sett:")
        let error = #expect(throws: Diagnostics.self) { try PresetFile.parse(wrong, file: "p") }
        #expect(error?.description.contains("there are two presets called 'dark'") == true)
        #expect(error?.description.contains("a preset has no 'sett'. Did you mean 'set'?") == true)
    }

    @Test func `a file is written whole or not at all`() throws {
        let folder = NSTemporaryDirectory() + "kairos-durable-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/a/b/session.yaml"
        try DurableFile.write("one", to: path)
        try DurableFile.write("two", to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/a/b") == ["session.yaml"])
        // A link goes on pointing where it did.
        let link = folder + "/link.yaml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try DurableFile.write("three", to: link)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "three")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        // Where there is no room, no folder or no right, what was there stays.
        let error = #expect(throws: FileFailure.self) {
            try DurableFile.write("four", to: path + "/under-a-file")
        }
        #expect(error?.description.contains("this is a file; a folder was expected") == true)
        try FileManager.default.createDirectory(
            atPath: folder + "/taken.yaml/x", withIntermediateDirectories: true)
        #expect(throws: FileFailure.self) {
            try DurableFile.write("five", to: folder + "/taken.yaml")
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "a", "link.yaml", "taken.yaml",
            ])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "three")
        #expect(DurableFile.setAside(path) && !DurableFile.setAside(folder + "/none"))
        #expect(try String(contentsOfFile: path + "~", encoding: .utf8) == "three")
    }

    @Test func `what does not fit is named, and what fits is planned`() throws {
        let patches = Library.patches(in: [Checkout.folder + "/Patches"]).patches
        let compiled = try patches.map { try CompiledPatch($0, registry: .standard) }
        let rig = Rig(compiled.filter { !$0.isMaster }.map { Sound($0) })
        let tide = try #require(patches.first { $0.file.hasSuffix("slow-tide.yaml") })
        func plan(_ change: (inout SavedSession) -> Void) -> SessionPlan {
            var state = SavedSession()
            state.entry = .init(name: .init(tide.name), number: tide.program)
            state.layers = [
                .init(
                    layer: 0, patch: .init("slow-tide"),
                    values: [.init(.init("filter.cutoff"), .init("1.2 kHz"))])
            ]
            change(&state)
            return SessionPlan(state, file: "s", owner: .init(), rig: rig, registry: .standard)
        }
        let good = plan { _ in }
        #expect(good.faults.isEmpty && good.values.count == 1 && good.values[0].value == 1200)
        #expect(good.values[0].key == ParamKeys.key("filter", "cutoff"))
        #expect(good.entry == rig.entries.firstIndex { $0.name == tide.name })

        func said(_ plan: SessionPlan) -> String { plan.faults.map(\.message).joined(separator: "\n") }
        let gone = plan { $0.entry?.name.text = "Slow Tied" }
        #expect(gone.entry == nil && gone.values.isEmpty && said(gone).contains("Did you mean 'Slow Tide'"))
        let other = plan { $0.layers[0].patch.text = "hall" }
        #expect(
            other.entry != nil && other.values.isEmpty
                && said(other).contains("layer 1 plays 'slow-tide' now")
        )
        #expect(
            said(plan { $0.layers[0].layer = 16 }).contains("nothing plays 'slow-tide' in the master effects")
        )
        #expect(said(plan { $0.layers[0].layer = 1 }).contains("nothing plays 'slow-tide' in layer 2"))
        let foreign = plan {
            $0.owner.setList = "friday"; $0.scale = .equal
        }
        #expect(
            foreign.entry == nil && foreign.scale == nil && said(foreign).contains("the set list 'friday'"))
        #expect(
            said(plan { $0.keptMacros = [.init(name: .init("Bright"), position: 1)] }).contains(
                "no macro 'Bright' stays"))

        // An edit counts while the file is the one that was edited.
        var edited = tide
        edited.modules[0].settings = []
        edited.name = "Tide, edited"
        let edit = SavedSession.Edit(
            file: .init("slow-tide"), base: SessionPlan.base(of: tide), patch: edited)
        let taken = plan { $0.edits = [edit] }
        #expect(taken.faults.isEmpty && taken.edits.map(\.file) == [tide.file])
        #expect(taken.withoutEdits().edits.isEmpty && taken.withoutEdits().values.count == 1)
        let stale = plan {
            $0.edits = [edit]; $0.edits[0].base = "0"
        }
        #expect(stale.edits.isEmpty && said(stale).contains("the file counts") && stale.values.count == 1)
        let nobody = plan {
            $0.edits = [edit]; $0.edits[0].file.text = "none"
        }
        #expect(said(nobody).contains("no entry plays a patch 'none'"))
    }
}
