import KairosCompiler
import KairosControl
import KairosPatch
import KairosTestSupport
import Testing

/// *First minus second minus third is nothing*: what is held goes on as it was, what is new is only new.
@Suite struct SwapLaw_ {
    private static let change = 12_345
    private static let again = 20_011
    private static let frames = 72_000
    private static let patches = Result { try Checkout.patches() }
    private static let mappings = Result { try Checkout.mappings() }

    /// What happens around the change, beside it.
    enum Story: CaseIterable {
        /// A chord held over the change by keys, one note of it by the pedal; then new notes beside it.
        case pedal
        /// The same with the other pedal.
        case sostenuto
        /// A third patch while the first still rings.
        case further
        /// Back to the first while it still rings.
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
        // A patch that is gone back to is as it was left: macros that were moved would be another's beginning.
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
        // A mono voice is one: what it plays after it is back goes on from what it played. And a patch that has
        // no more voices takes one away.
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
        // A player turns down what is too loud.
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
            // Loud enough for the law to mean something, and under the ceiling.
            #expect(
                (-15 ... -3).contains(dB(law.whole.peak)),
                "\(names), \(story): peak \(dB(law.whole.peak)) dBFS")
            // The law can tell: what players have elsewhere fails it.
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
