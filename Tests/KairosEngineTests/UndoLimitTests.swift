import KairosCompiler
import KairosEngine
import KairosSession
import KairosTestSupport
import Testing

/// The undo history is limited in number and in size.
@Suite struct UndoLimitTests {
    /// The number of possible undos after `commits` commits of a patch with `mixers` mixers of four
    /// connections each.
    private func steps(commits: Int, mixers: Int) throws -> Int {
        let patch = try compile(
            """
            modules:
              keys: { type: keys }
              osc: { type: sine }
              out: { type: output }
            connections:
              - keys.pitch -> osc.pitch
              - osc -> out
            """)
        let engine = Engine(EngineSetup(rig: Rig([Sound(patch)])))
        let editor = PatchEditor(engine.sounds, registry: .standard)
        for number in 0..<commits {
            try editor.edit("test", sound: 0) { draft throws(EditError) in
                if number == 0 {
                    for mixer in 0..<mixers {
                        try draft.create("m\(mixer)", type: "mix")
                        for inlet in ["a", "b", "c", "d"] {
                            try draft.connect(mixer == 0 ? "osc" : "m\(mixer - 1)", "m\(mixer).\(inlet)")
                        }
                    }
                }
                try draft.set("osc", "detune", to: number % 2 == 0 ? "1 st" : "2 st")
            }
            _ = try editor.commit("test")
        }
        var count = 0
        while (try? editor.undo(sound: 0)) != nil { count += 1 }
        return count
    }

    @Test func `a small patch has a hundred undos`() throws {
        #expect(try steps(commits: 120, mixers: 2) == 100)
    }

    @Test func `a patch of thousands of connections has as many undos as fit`() throws {
        // 4 000 connections and 1 003 modules; the oldest version is the small patch.
        let steps = try steps(commits: 60, mixers: 1000)
        #expect(steps == PatchEditor.undoSize / (1003 + 4000 + 2), "\(steps)")
    }
}
