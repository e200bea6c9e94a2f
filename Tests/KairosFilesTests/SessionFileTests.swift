import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession
import KairosTestSupport
import Testing

@testable import KairosFiles

@Suite struct SessionFileTests {
    /// A session in which nothing has its default value.
    private static func full() throws -> SavedSession {
        var session = SavedSession()
        session.saved = "2026-11-25T21:14:05+0100"
        session.owner = .init(setList: "friday", folder: "/home/me/my patches")
        session.entry = .init(name: .init("Tide: \"on\""), number: 3 * 128 + 5)
        session.settings.tempo = 97.3
        session.settings.volume = 0.333_333_34
        session.settings.balance = 0.1
        session.settings.fineTuning = -0.123_456_78
        session.settings.coarseTuning = 5
        for index in session.settings.channels.indices {
            session.settings.channels[index].volume = Float(index) / 17
            session.settings.channels[index].pan = 1 / Float(index + 3)
        }
        session.settings.channels[3].bendRange = 12.07
        session.settings.channels[3].fineTuning = 9000
        session.settings.channels[3].coarseTuning = -12
        session.settings.channels[3].tuningProgram = 127
        session.settings.channels[3].octave = (0..<12).map { Float($0) / 100 - 0.07 }
        session.settings.tunings = [
            0: [60: 60.015_625],
            127: Dictionary(uniqueKeysWithValues: (0..<128).map { ($0, Float($0) * 0.99) }),
        ]
        var pitches: [Double?] = (0..<128).map { Double($0) * 1.01 - 0.1 }
        pitches[5] = nil
        session.scale = Tuning(name: "Bohlen: 13\nsteps", pitches: pitches)
        session.keptMacros = [.init(name: .init("Reverb é"), normalized: 0.7)]
        session.layers = [
            .init(layer: 0, patch: .init("tide"), values: [.init(.init("filter.cutoff"), .init("1.2 kHz"))]),
            .init(layer: 16, patch: .init("hall"), values: [.init(.init("echo.mode"), .init("on"))]),
        ]
        for file in ["slow-tide", "comet-lead", "hall"] {
            var patch = try PatchFile.read(path: Checkout.folder + "/Patches/\(file).yaml")
            patch.name += " 2"
            session.edits.append(
                .init(file: .init(file), base: SavedSession.fingerprint(file), patch: patch))
        }
        return session
    }

    @Test func `a session reads back with the same bits`() throws {
        let session = try Self.full(), text = SessionFile.text(session)
        let again = try SessionFile.parse(text, file: "session.yaml")
        #expect(SessionFile.text(again) == text)
        #expect(again.owner == session.owner && again.saved == session.saved)
        #expect(
            again.entry?.name.text == session.entry?.name.text && again.entry?.number == session.entry?.number
        )
        #expect(again.settings == session.settings)
        #expect(again.scale?.name == session.scale?.name)
        #expect(again.scale?.pitches == session.scale?.pitches)
        #expect(again.keptMacros.map(\.normalized) == [0.7] && again.keptMacros[0].name.text == "Reverb é")
        #expect(again.layers.map(\.layer) == [0, 16])
        #expect(again.layers[1].values[0].value.text == "on", "a text is a text, whatever word it is")
        for (edit, before) in zip(again.edits, session.edits) {
            #expect(PatchFile.text(edit.patch) == PatchFile.text(before.patch))
            #expect(edit.base == before.base)
        }
        // Default values are omitted.
        #expect(SessionFile.text(SavedSession()) == "kairos: session/1\n")
        #expect(try SessionFile.parse("kairos: session/1\n", file: "s") == SavedSession())
    }

    @Test func `each fault of a session is reported with its place`() throws {
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
            scale: { pitches: [1, nan, x, soon] }
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
        let found = error?.description.split(separator: "\n").map(String.init) ?? []
        for expected in [
            "s:2:10: unknown key 'nam' in entry", "s:2:8: the entry has no name",
            "s:3:8: tempo: '1000' is outside 20.0 … 400.0", "s:4:19: volume: 'loud' is not a number",
            "s:6:16: channel must be a whole number from 1 to 16", "s:7:5: the channel number is missing",
            "s:8:29: octave must have 12 values, not 2", "s:9:13: keptMacros must be a mapping",
            "s:10:23: a pitch must be a number of semitones",
            "s:10:31: a pitch must be a number of semitones",
            "s:10:19: a scale must have 128 pitches, one per key, not 4",
            "s:12:5: the tuning program is missing", "s:13:27: a key must be a whole number from 0 to 127",
            "s:13:40: a pitch: 200 has no unit", "s:15:5: values need a layer and its patch",
            "s:16:14: layer must be a whole number from 1 to 16", "s:17:40: set must be a mapping",
            "s:21:7: expected a patch that begins with 'kairos: patch/1'",
            "s:27:9: module 'osc' has no type",
            "s:28:1: unknown key 'vlaues' in a session. Did you mean 'values'?",
        ] {
            #expect(
                found.contains { $0.hasPrefix(expected) },
                "\(expected) is not in\n\(found.joined(separator: "\n"))")
        }
    }

    @Test func `a truncated session is refused, wherever it ends`() throws {
        let text = SessionFile.text(try Self.full())
        // Text that ends between two sections is complete.
        var complete = 0
        for count in stride(from: 1, to: text.utf8.count, by: 97) {
            let prefix = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            if let session = try? SessionFile.parse(prefix, file: "s") {
                complete += 1
                #expect(text.hasPrefix(prefix) && session.edits.count <= 3)
            }
        }
        #expect(complete * 2 < text.utf8.count / 97, "\(complete)")
    }

    @Test func `presets read back, and their faults are reported`() throws {
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
        #expect(error?.description.contains("another preset is already called 'dark'") == true)
        #expect(error?.description.contains("unknown key 'sett' in a preset. Did you mean 'set'?") == true)
    }

    @Test func `a file is written completely or not at all`() throws {
        let folder = NSTemporaryDirectory() + "kairos-durable-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/a/b/session.yaml"
        try DurableFile.write("one", to: path)
        try DurableFile.write("two", to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/a/b") == ["session.yaml"])
        // A symbolic link keeps its target.
        let link = folder + "/link.yaml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try DurableFile.write("three", to: link)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "three")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        // Without space, folder or permission, the previous file remains.
        let error = #expect(throws: FileFailure.self) {
            try DurableFile.write("four", to: path + "/under-a-file")
        }
        #expect(error?.description.contains("this is a file; expected a folder") == true)
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

    @Test func `names that do not exist are reported, and the rest is restored`() throws {
        let patches = Library.patches(in: [Checkout.folder + "/Patches"]).patches
        let compiled = try patches.map { try CompiledPatch($0, registry: .standard) }
        let rig = Rig(compiled.filter { !$0.isMaster }.map { Sound($0) })
        let tide = try #require(patches.first { $0.file.hasSuffix("slow-tide.yaml") })
        func plan(_ change: (inout SavedSession) -> Void) -> SessionPlan {
            var session = SavedSession()
            session.entry = .init(name: .init(tide.name), number: tide.program)
            session.layers = [
                .init(
                    layer: 0, patch: .init("slow-tide"),
                    values: [.init(.init("filter.cutoff"), .init("1.2 kHz"))])
            ]
            change(&session)
            return SessionPlan(
                session, file: "s", owner: .init(), rig: rig, registry: .standard, store: FileStore())
        }
        let good = plan { _ in }
        #expect(good.faults.isEmpty && good.values.count == 1 && good.values[0].value == 1200)
        #expect(good.values[0].key == ParamKeys.key("filter", "cutoff"))
        #expect(good.entry == rig.entries.firstIndex { $0.name == tide.name })

        func messages(_ plan: SessionPlan) -> String { plan.faults.map(\.message).joined(separator: "\n") }
        let gone = plan { $0.entry?.name.text = "Slow Tied" }
        #expect(
            gone.entry == nil && gone.values.isEmpty && messages(gone).contains("Did you mean 'Slow Tide'"))
        let other = plan { $0.layers[0].patch.text = "hall" }
        #expect(
            other.entry != nil && other.values.isEmpty
                && messages(other).contains("the patch of layer 1 is 'slow-tide' now")
        )
        #expect(
            messages(plan { $0.layers[0].layer = 16 }).contains(
                "'slow-tide' does not play in the master effects")
        )
        #expect(messages(plan { $0.layers[0].layer = 1 }).contains("'slow-tide' does not play in layer 2"))
        let foreign = plan {
            $0.owner.setList = "friday"; $0.scale = .equal
        }
        #expect(
            foreign.entry == nil && foreign.scale == nil
                && messages(foreign).contains("the set list 'friday'"))
        #expect(
            messages(plan { $0.keptMacros = [.init(name: .init("Bright"), normalized: 1)] }).contains(
                "'Bright' is not a kept macro here"))

        // An edit is restored only if its file has not changed.
        var edited = tide
        edited.modules[0].settings = []
        edited.name = "Tide, edited"
        let edit = SavedSession.Edit(
            file: .init("slow-tide"), base: FileStore().fingerprint(of: tide), patch: edited)
        let taken = plan { $0.edits = [edit] }
        #expect(taken.faults.isEmpty && taken.edits.map(\.file) == [tide.file])
        #expect(taken.withoutEdits().edits.isEmpty && taken.withoutEdits().values.count == 1)
        let stale = plan {
            $0.edits = [edit]; $0.edits[0].base = "0"
        }
        #expect(
            stale.edits.isEmpty && messages(stale).contains("the file is used") && stale.values.count == 1)
        let nobody = plan {
            $0.edits = [edit]; $0.edits[0].file.text = "none"
        }
        #expect(messages(nobody).contains("no entry plays the patch 'none'"))
    }
}
