import CRealtime
import Foundation
import KairosControl
import KairosDSP
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// The exchange of the rig while notes sound: mappings, set lists, new patches.
@Suite struct Renewals {
    /// A patch from a file of its own.
    private static func patch(_ name: String, _ text: String, program: Int? = nil) throws -> CompiledPatch {
        let number = program.map { "program: \($0)\n" } ?? ""
        let head = "kairos: patch/1\nname: \(name)\n\(number)level: 0 dB\n"
        return try CompiledPatch(
            try PatchFile.parse(head + text, file: "\(name).yaml"), registry: .standard)
    }

    /// A patch whose level is the third power of its macro's position, times the number of held notes.
    private static func level(_ name: String, program: Int? = nil) throws -> CompiledPatch {
        try patch(
            name,
            LevelPatch.text(voices: 4), program: program)
    }

    /// Renders `events` and exchanges the rig at the given frames. `look` is called before each exchange and at the
    /// end.
    private static func render(
        _ rig: Rig, _ events: [Event], _ renewals: [(frame: Int, rig: Rig)] = [],
        frames: Int = 60_000, first: Int = 0, periods: [Int] = [256], look: (Engine) -> Void = { _ in }
    ) -> Rendering {
        let host = OfflineHost(rig, mode: .entry, first: first)
        host.play(events)
        var whole = Rendering(frames: 0), at = 0
        for rigChange in renewals + [(frames, rig)] {
            var layer = Rendering(frames: rigChange.frame - at)
            layer.render(with: host, periods: periods)
            whole.left += layer.left
            whole.right += layer.right
            at = rigChange.frame
            look(host.engine)
            if at < frames { _ = host.engine.change(to: rigChange.rig) }
        }
        return whole
    }

    private static func chords() -> Score {
        var score = Score()
        for (index, key) in [45, 57, 60, 64, 69, 72].enumerated() {
            score.on(300 + 37 * index, key, velocity: 60 + 8 * UInt8(index))
        }
        score.control(15_000, 64, 127)
        score.control(15_500, 74, 90)
        score.bend(20_000, 3000)
        for key in [45, 57, 60] { score.off(21_000, key) }
        for (index, key) in [48, 55, 62].enumerated() { score.on(26_011 + 29 * index, key) }
        for key in [64, 69, 72] { score.off(30_000, key) }
        score.control(38_000, 64, 0)
        for key in [48, 55, 62] { score.off(40_000, key) }
        return score
    }

    @Test(arguments: 0..<13) func `the same once more changes no bit of any patch`(patch: Int) throws {
        let mappings = try Checkout.mappings()
        let rig = Rig(try Checkout.patches().map { Sound($0, mappings: mappings) })
        let events = Self.chords().events
        let plain = Self.render(rig, events, first: patch)
        #expect(plain.peak > 0.01)
        let again = [9_001, 22_000, 26_030, 28_777, 28_900, 45_000].map { ($0, rig) }
        #expect(plain.firstDifference(Self.render(rig, events, again, first: patch)) == nil)
        // With the smallest blocks, one after the other.
        let small = [26_010, 26_040, 26_070, 26_090].map { ($0, rig) }
        let cut = Self.render(rig, events, small, first: patch, periods: [16, 30])
        #expect(plain.firstDifference(cut) == nil)
    }

    @Test func `a reordered list acts as if it had been loaded at the start, with any held notes`() throws {
        let patches = try Checkout.patches()
        var before = Rig(patches[0..<4].map { Sound($0) })
        for index in before.entries.indices { before.entries[index].number = index }
        var after = Rig([patches[3], patches[6], patches[1], patches[0]].map { Sound($0) })
        for (index, number) in [7, 8, 9, 10].enumerated() { after.entries[index].number = number }
        var score = Self.chords()
        // The new entry by its number, and back.
        score.program(24_000, 8)
        score.program(28_000, 9)
        var places: [Int?] = []
        let renewed = Self.render(before, score.events, [(9_001, after)], first: 1) {
            places.append($0.status.entry)
        }
        #expect(places == [1, 2])
        #expect(renewed.firstDifference(Self.render(after, score.events, first: 2)) == nil)
        // An entry that has fallen silent and is selected again moves as if it had never been left.
        var back = Score()
        back.on(300, 57)
        back.off(2_000, 57)
        back.add(30_000, Event(.nextEntry))
        back.program(500_000, 9)
        back.on(501_000, 60)
        let again = Self.render(before, back.events, [(400_000, after)], frames: 520_000, first: 1)
        let whole = Self.render(after, back.events, frames: 520_000, first: 2)
        #expect(again.firstDifference(whole) == nil && again.left[502_000...].contains { abs($0) > 0.01 })
        // Former numbers select nothing.
        var old = Self.chords()
        old.program(24_000, 2)
        let kept = Self.render(before, old.events, [(9_001, after)], first: 1)
        #expect(kept.firstDifference(Self.render(after, Self.chords().events, first: 2)) == nil)
    }

    @Test(arguments: [(Event.Message.nextEntry, 2), (.previousEntry, 0)])
    func `an entry removed while it plays continues, and next goes on from its former position`(
        message: Event.Message, place: Int
    ) throws {
        let patches = try Checkout.patches()
        let before = Rig(patches[0..<3].map { Sound($0) })
        let after = Rig([patches[0], patches[2]].map { Sound($0) })
        var score = Self.chords()
        var seen: [Int?] = []
        let stays = Self.render(before, score.events, [(9_001, after), (27_001, after)], first: 1) {
            let (rig, entry) = $0.playing
            seen.append(entry)
            #expect(entry.flatMap { rig.entry(at: $0) }?.name == patches[1].patch.name)
        }
        #expect(seen == [1, 2, 2])
        #expect(stays.firstDifference(Self.render(before, score.events, first: 1)) == nil)
        score.add(25_000, Event(message))
        let goes = Self.render(before, score.events, [(9_001, after)], first: 1) {
            seen.append($0.playing.entry)
        }
        #expect(goes.firstDifference(Self.render(before, score.events, first: 1)) == nil)
        #expect(seen.last == (place == 0 ? 0 : 1))
    }

    @Test func `changed layers: held notes continue, and later notes are new`() throws {
        let sound = Sound(try Self.level("One"))
        let before = Rig([sound])
        var after = before
        after.entries[0].layers[0].rule.left = 0.5
        var score = Score()
        score.on(1_000, 60)
        score.on(20_000, 64)
        score.off(30_000, 60)
        score.off(40_000, 64)
        let plain = Self.render(before, score.events)
        let renewed = Self.render(before, score.events, [(9_001, after)])
        #expect(plain.left[..<20_000] == renewed.left[..<20_000])
        let unit = plain.left[10_000]
        #expect(unit > 0.1)
        #expect(abs(renewed.left[25_000] - unit * 1.5) < 1e-5)
        #expect(abs(renewed.left[35_000] - unit * 0.5) < 1e-5)
        #expect(renewed.left[45_000] == 0)
    }

    // MARK: mappings

    private static func mapping(_ name: String, _ controls: [Mapping.Control], device: String = "") -> Mapping
    {
        Mapping(name: name, device: device, controls: controls)
    }

    private func position(_ sound: Rendering, _ frame: Int) -> Float { cubeRootPrecise(sound.left[frame]) }
    private func at(_ value: Int) -> Float { NormalizedValue.fraction(NormalizedValue.scaled(UInt8(value))) }

    @Test func `a macro keeps its pickup when its line moves`() throws {
        let patch = try Self.level("One")
        // In four positions, so that the parameter differs from the control that moved it last.
        var picked = Mapping.Control(.control(16), to: .macro(1), takeover: .pickup)
        picked.steps = 4
        let other = Self.mapping(
            "a", [.init(.control(20), to: .tempo), .init(.control(21), to: .action(.panic))])
        func rig(_ mappings: [Mapping]) -> Rig {
            Rig([Sound(patch, mappings: mappings)])
        }
        let before = rig([Self.mapping("m", [picked])])
        let moved = rig([
            other, Self.mapping("m", [.init(.control(22), to: .tempo), picked]),
        ])
        let renamed = rig([Self.mapping("n", [picked])])
        var score = Score()
        score.on(10, 60)
        // From below through 50 %, the value of the parameter, to the last position.
        for (index, value) in [10, 50, 70, 100].enumerated() {
            score.control(2_000 + 500 * index, 16, UInt8(value))
        }
        score.control(20_000, 16, 20)
        score.control(30_000, 16, 90)
        let plain = Self.render(before, score.events)
        #expect(position(plain, 18_000) == 1 && position(plain, 25_000) == 0)
        #expect(abs(position(plain, 35_000) - 2 / 3) < 1e-4)
        #expect(plain.firstDifference(Self.render(before, score.events, [(9_001, moved)])) == nil)
        // The same line in a mapping of another name is another control: it waits for pickup.
        let anew = Self.render(before, score.events, [(9_001, renamed)])
        #expect(position(anew, 25_000) == 1 && position(anew, 35_000) == 1)
    }

    @Test func `removed lines of a mapping have no effect, new ones act`() throws {
        let patch = try Self.level("One")
        let before = Rig([
            Sound(patch, mappings: [Self.mapping("m", [.init(.control(16), to: .macro(1))])])
        ])
        let after = Rig([
            Sound(
                patch,
                mappings: [
                    Self.mapping("m", [.init(.control(18), to: .tempo), .init(.control(17), to: .macro(1))])
                ])
        ])
        var score = Score()
        score.on(10, 60)
        score.control(2_000, 16, 30)
        score.control(12_000, 16, 100)
        score.control(20_000, 17, 80)
        let sound = Self.render(before, score.events, [(9_001, after)])
        #expect(abs(position(sound, 8_000) - at(30)) < 1e-4)
        #expect(abs(position(sound, 18_000) - at(30)) < 1e-4)
        #expect(abs(position(sound, 28_000) - at(80)) < 1e-4)
    }

    @Test func `a gate without a control closes`() throws {
        let patch = try Self.patch(
            "Pad",
            """
            modules:
              env: { type: adsr, attack: 0 s, sustain: 100 %, release: 0 s }
              out: { type: output }
            connections:
              - env -> out
            """)
        let key = Mapping.Control(.note(36), to: .port(patch: "Pad", module: "env", port: "gate"))
        let before = Rig([Sound(patch, mappings: [Self.mapping("m", [key])])])
        var score = Score()
        score.on(1_000, 36)
        let plain = Self.render(before, score.events)
        #expect(plain.left[50_000] > 0.1)
        #expect(plain.firstDifference(Self.render(before, score.events, [(9_001, before)])) == nil)
        let sound = Self.render(before, score.events, [(9_001, Rig([Sound(patch)]))])
        #expect(sound.left[8_000] == plain.left[8_000] && sound.left[10_000] == 0)
    }

    @Test func `a mapping for one device applies to it from the first block`() throws {
        let patch = try Self.level("One")
        let before = Rig([Sound(patch)])
        let own = Self.mapping("own", [.init(.control(16), to: .macro(1))], device: "pads")
        let after = Rig([Sound(patch, mappings: [own])])
        var score = Score()
        score.on(10, 60)
        score.control(12_000, 16, 100, source: 5)
        score.control(20_000, 16, 10, source: 6)
        let host = OfflineHost(before, mode: .entry)
        host.play(score.events)
        var first = Rendering(frames: 9_001), rest = Rendering(frames: 30_000)
        first.render(with: host)
        #expect(host.engine.change(to: after, masks: [1 << 5]))
        rest.render(with: host)
        #expect(abs(cubeRootPrecise(rest.left[5_000]) - at(100)) < 1e-4)
        #expect(abs(cubeRootPrecise(rest.left[25_000]) - at(100)) < 1e-4)
    }

    // MARK: other state that is transferred

    @Test func `master effects appear, change and disappear without a click`() throws {
        let tone = try Self.patch(
            "Tone",
            TonePatch.text(
                header: "", envelope: "adsr, attack: 20 ms, sustain: 100 %", amplifier: "vca, gain: -18 dB"))
        func master(_ name: String, _ gain: String) throws -> CompiledPatch {
            try Self.patch(
                name,
                """
                modules:
                  in: { type: input }
                  vca: { type: vca, gain: \(gain) }
                  out: { type: output }
                connections:
                  - in -> vca
                  - vca -> out
                """)
        }
        func rig(_ master: CompiledPatch?) -> Rig {
            var rig = Rig([Sound(tone)] + (master.map { [Sound($0)] } ?? []))
            rig.entries = Array(rig.entries.prefix(1))
            rig.master = master.map { _ in 1 }
            return rig
        }
        let (soft, loud) = (try master("Soft", "-12 dB"), try master("Loud", "6 dB"))
        let host = OfflineHost(rig(nil), mode: .entry)
        var score = Score()
        score.on(300, 57)
        host.play(score.events)
        var sound: [Float] = [], right = [Float](repeating: 0, count: 240)
        for master in [nil, soft, loud, nil, Optional<CompiledPatch>.none] {
            _ = host.engine.change(to: rig(master))
            var left = right
            for _ in 0..<50 {
                host.render(left: &left, right: &right, frames: left.count)
                sound += left
            }
        }
        func loudness(_ from: Int) -> Float { sound[from..<from + 6_000].map(abs).max() ?? 0 }
        let plain = loudness(5_000)
        #expect(abs(loudness(17_000) / plain - 0.251) < 0.01)
        #expect(abs(loudness(29_000) / plain - 1.995) < 0.02)
        #expect(abs(loudness(41_000) / plain - 1) < 0.001)
        func sharpness(_ range: Range<Int>) -> Float {
            range.dropFirst(2).map { abs(sound[$0] - 2 * sound[$0 - 1] + sound[$0 - 2]) }.max() ?? 0
        }
        // No second difference is much larger than that of the loudest tone; a cut from one tone to the other would
        // be.
        #expect(sharpness(10_000..<60_000) < 2 * sharpness(29_000..<35_000))
        #expect(plain > 100 * sharpness(29_000..<35_000))
    }

    @Test func `a patch edited while playing keeps its edit`() throws {
        let before = Rig([Sound(try Self.level("One")), Sound(try Self.level("Two"))])
        var edited = try Self.level("One")
        try edited.set("mix.gainA", to: "50 %")
        var score = Score()
        score.on(1_000, 60)
        let host = OfflineHost(before, mode: .entry)
        host.play(score.events)
        var sound = Rendering(frames: 5_000)
        sound.render(with: host)
        host.engine.sounds.replace(0, with: Sound(edited))
        sound.render(with: host)
        _ = host.engine.change(to: Rig([Sound(try Self.level("Two")), Sound(try Self.level("One"))]))
        sound.render(with: host)
        sound.render(with: host)
        #expect(abs(sound.left[4_000] - 0.5) < 1e-3, "\(sound.left[4_000])")
    }

    @Test func `more sounds than there is room for are refused`() throws {
        let one = try Self.level("One")
        let host = OfflineHost(Rig([Sound(one)]), mode: .entry)
        let many = try (0...host.engine.soundLimit).map { Sound(try Self.level("N\($0)")) }
        #expect(!host.engine.change(to: Rig(many)))
        #expect(host.engine.playsNewest, "what was refused is not waited for")
        #expect(host.engine.change(to: Rig(Array(many.dropLast()))))
    }

    @Test
    func `hundreds of random lists under notes and changes end in silence without growing`()
        throws
    {
        let patches = try Checkout.patches(), mappings = try Checkout.mappings()
        var state: UInt32 = 7
        func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 0x9e37_79b9)
            return Int(state) % bound
        }
        func drawn() -> Rig {
            let chosen = mappings.filter { _ in draw(3) > 0 }
            var sounds: [Sound] = []
            for patch in patches where draw(2) == 0 || sounds.isEmpty {
                var value = patch
                let text = "\(10 + draw(80)) %"
                guard let macro = patch.patch.macros.first,
                    (try? value.set(macro.name.text, to: text)) != nil, draw(2) == 0
                else {
                    sounds.append(Sound(patch, mappings: chosen))
                    continue
                }
                let typed = SetList.Value(Patch.Text(macro.name.text), Patch.Text(text))
                sounds.append(Sound(value, mappings: chosen, values: [typed]))
            }
            var rig = Rig(sounds)
            rig.entries.sort { _, _ in draw(2) == 0 }
            for entry in rig.entries.indices {
                rig.entries[entry].number = entry
                if draw(4) == 0 { rig.entries[entry].layers[0].rule.transpose = 12 }
                if draw(6) == 0 { rig.entries[entry].name += "!" }
                if draw(4) == 0 { rig.entries[entry].layers.append(.init(sound: draw(sounds.count))) }
            }
            return rig
        }
        let host = OfflineHost(drawn(), mode: .entry)
        var score = Score()
        for step in 0..<600 {
            switch draw(6) {
            case 0: score.program(400 * step, draw(8))
            case 1: score.control(400 * step, 16 + draw(4), UInt8(draw(128)))
            case 2: score.off(400 * step, 48 + draw(12))
            case 3: score.add(400 * step, Event(draw(2) == 0 ? .nextEntry : .previousEntry))
            default: score.on(400 * step, 48 + draw(12))
            }
        }
        score.add(245_000, Event(.panic))
        host.play(score.events)
        var left = [Float](repeating: 0, count: 1000), right = left, loudest: Float = 0
        for block in 0..<260 {
            let count = 100 + draw(900)
            host.render(left: &left, right: &right, frames: count, sum: draw(2) == 0)
            loudest = max(loudest, left[..<count].map(abs).max() ?? 0)
            #expect(left.allSatisfy { $0.isFinite })
            if block < 240 { #expect(host.engine.change(to: drawn())) }
        }
        while host.engine.clock < 260_000 { host.render(left: &left, right: &right, frames: 1000) }
        #expect(loudest > 0.01)
        #expect(left.allSatisfy { $0 == 0 } && host.engine.voices == 0)
        #expect(host.engine.sounds.count <= 2 * host.engine.soundLimit)
        #expect(host.engine.rigChanges > 100)
    }

    /// Fails where `playsNewest` considers only what the loader has sent, and not what the audio thread has taken.
    @Test func `a new rig is reported as playing from the block of its exchange`() throws {
        let engine = Engine(
            EngineSetup(
                sampleRate: 48_000, mode: .entry, rig: Rig([Sound(try Self.level("One"))])))
        let loader = Loader(engine)
        var left = [Float](repeating: 0, count: 256), right = left
        func block() {
            engine.render(left: &left, right: &right, frames: 256, timebase: .offline(sampleRate: 48_000))
        }
        loader.service()
        block()
        #expect(engine.playsNewest)
        #expect(engine.change(to: Rig([Sound(try Self.level("Two"))])))
        #expect(!engine.playsNewest, "the loader has not made it ready")
        loader.service()
        #expect(!engine.playsNewest, "the audio thread has not taken it")
        block()
        #expect(engine.playsNewest && engine.rig.entries[0].name == "Two")
        loader.service()
        #expect(engine.playsNewest, "nor does it change when what was before is freed")
    }

    @Test func `published names are correct over many list changes`() throws {
        let sounds = try ["A", "B", "C", "D"].map { Sound(try Self.level($0)) }
        let rig = LiveRig(Rig(sounds))
        rig.start()
        defer { rig.stop() }
        let bench = PatchEditor(rig.engine.sounds, registry: .standard)
        var turned = sounds, looks = 0
        for turn in 0..<40 {
            turned.append(turned.removeFirst())
            #expect(rig.engine.change(to: Rig(turned)))
            for _ in 0..<200 {
                let (rig, place) = rig.engine.playing
                #expect(place.flatMap { rig.entry(at: $0) }?.name == "A")
                looks += 1
                usleep(10)
            }
            // Edits find their patch at its new index.
            var patch = sounds[1].compiled.patch
            patch.about = "\(turn)"
            #expect(throws: Never.self) { try bench.applyExternalChange(patch) }
            for _ in 0..<4000 where rig.engine.rigChanges <= turn { usleep(500) }
        }
        #expect(looks == 8000 && rig.engine.rigChanges == 40)
        let abouts = (0..<4).map {
            (rig.engine.sounds[$0].compiled.patch.name, rig.engine.sounds[$0].compiled.patch.about)
        }
        #expect(abouts.allSatisfy { $0.1 == ($0.0 == "B" ? "39" : "") })
    }
}
