import KairosCompiler
import KairosControl
import KairosPatch
import KairosTestSupport
import Testing

/// The law of the swap: held notes continue unchanged, and new notes are the new sound only.
@Suite struct SwapLaw_ {
    private static let change = 12_345
    private static let again = 20_011
    private static let frames = 72_000
    private static let patches = Result { try Checkout.patches() }
    private static let mappings = Result { try Checkout.mappings() }

    /// Further events around the change.
    enum Story: CaseIterable {
        /// A chord held over the change by keys, one of its notes by the pedal; then new notes.
        case pedal
        /// The same with the sostenuto pedal.
        case sostenuto
        /// A change to a third patch while the first still sounds.
        case further
        /// A change back to the first patch while it still sounds.
        case back
    }

    private struct Cast {
        var from: CompiledPatch
        var to: CompiledPatch
        var third: CompiledPatch

        func program(_ patch: CompiledPatch) -> Int { patch.patch.program ?? 0 }
    }

    private static func stream(_ story: Story, _ cast: Cast, volume: UInt8) -> [Event] {
        var score = Score()
        score.control(10, 7, volume)
        // One note more than the patch has voices, where it has few.
        let chord = cast.from.patch.voicing.voices < 5 ? [57, 60, 64, 69, 72] : [57, 64, 72]
        let velocity: UInt8 = cast.from.patch.voicing.mode == .poly ? 70 : 110
        for key in chord { score.on(800 + key, key, velocity: velocity) }
        score.control(5000, story == .sostenuto ? 66 : 64, 127)
        for key in [60, 72] { score.off(9000, key) }
        // A patch that is selected again continues from its state: moved macros would be the beginning of another
        // sound.
        if story != .back {
            score.control(10_000, 1, 40)
            score.control(11_000, 74, 80)
        }
        score.bend(11_500, 900)
        score.program(change, cast.program(cast.to))
        let new = story == .further || story == .back ? [60] : [45, 60]
        for key in new { score.on(13_001 + key * 11, key, velocity: 60) }
        if story == .further { score.program(again, cast.program(cast.third)) }
        if story == .back { score.program(again, cast.program(cast.from)) }
        // A mono patch has one voice: after the change back it continues from the notes before. A patch without a
        // free voice stops one.
        let isFree = cast.from.patch.voicing.mode == .poly && cast.from.patch.voicing.voices > 8
        if story == .further || (story == .back && isFree) {
            score.on(again + 900, 48, velocity: 50)
        }
        score.control(30_000, story == .sostenuto ? 66 : 64, 0)
        for key in [57, 64, 69] { score.off(34_567, key) }
        for key in [45, 48, 60] { score.off(40_001, key) }
        return score.events
    }

    private static func law(_ story: Story, _ cast: Cast, at frame: Int) throws -> (
        SwapLaw, [Event], Rig
    ) {
        let mappings = try mappings.get()
        let sounds = [cast.from, cast.to, cast.third].map { Sound($0, mappings: mappings) }
        let rig = Rig(sounds)
        var events = stream(story, cast, volume: 127)
        // The level of a loud patch is reduced, as a player would.
        if dB(Rendering(rig, events, frames: frames).peak) > -3 {
            events = stream(story, cast, volume: 104)
        }
        return (SwapLaw(rig, events, change: frame, frames: frames), events, rig)
    }

    @Test(arguments: 0..<13, Story.allCases)
    func `holds for every ordered pair of patches`(from: Int, story: Story) throws {
        let patches = try Self.patches.get()
        #expect(patches.count == 13)
        for to in patches.indices where to != from {
            let third = patches.indices.first { $0 != from && $0 != to && $0 > (to % 12) } ?? 0
            let cast = Cast(from: patches[from], to: patches[to], third: patches[third])
            let names = "\(cast.from.patch.name) -> \(cast.to.patch.name)"
            let (law, events, rig) = try Self.law(story, cast, at: Self.change)
            #expect(law.residual < -130, "\(names), \(story): \(law.residual) dBFS")
            // Loud enough for the law to be significant, and below the soft clipper's threshold.
            #expect(
                (-15 ... -3).contains(dB(law.whole.peak)),
                "\(names), \(story): peak \(dB(law.whole.peak)) dBFS")
            // Proof that the law detects violations: the behaviour of other instruments fails it.
            #expect(law.residual(of: law.hardCut(at: Self.change)) > -130)
            #expect(law.residual(of: law.mute(at: Self.change, length: 240)) > -130)
            #expect(law.residual(of: law.crossfade(at: Self.change, length: 480)) > -130)
            guard story == .pedal else { continue }
            let lost = events.filter { !($0.kind == .noteOff && $0.number == 64) }
            #expect(
                law.residual(of: Rendering(rig, lost, frames: Self.frames)) > -130,
                "\(names): a lost note-off makes no difference")
        }
    }

    @Test(arguments: 0..<13) func `holds at a second change too`(from: Int) throws {
        let patches = try Self.patches.get()
        let cast = Cast(
            from: patches[from], to: patches[(from + 5) % 13], third: patches[(from + 9) % 13])
        let (law, _, _) = try Self.law(.further, cast, at: Self.again)
        #expect(law.residual < -130)
    }

    @Test func `the patches are as unlike as they should be`() throws {
        let patches = try Self.patches.get()
        func count(_ isSo: (CompiledPatch) -> Bool) -> Int { patches.filter(isSo).count }
        func has(_ type: String) -> (CompiledPatch) -> Bool {
            { patch in patch.patch.modules.contains { $0.type.text == type } }
        }
        #expect(count(has("lfo")) >= 3 && count(has("noise")) >= 3 && count(has("delay")) >= 3)
        #expect(count { $0.patch.voicing.mode != .poly } >= 2)
        #expect(count { $0.patch.voicing.unison > 1 } >= 1)
        #expect(count { $0.patch.voicing.mode == .poly && $0.patch.voicing.voices < 5 } >= 1)
    }
}
