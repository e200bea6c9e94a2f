import KairosControl
import KairosEngine
import KairosTestSupport
import Testing

/// *First minus second minus third is nothing*: what is held goes on as it was, what is new is only new.
@Suite struct SwapLaw_ {
    private static let change = 12_345
    private static let frames = 72_000
    private static let patches = Result { try Checkout.patches() }
    private static let mappings = Result { try Checkout.mappings() }

    /// A chord held over the change by keys, one note of it by the pedal; then new notes beside it.
    private static func stream(to number: Int) -> [Event] {
        var score = Score()
        for key in [57, 64, 72] { score.on(800, key, velocity: 70) }
        score.control(5000, 64, 127)
        score.off(9000, 72)
        score.control(10_000, 1, 40)
        score.control(11_000, 74, 80)
        score.bend(11_500, 900)
        score.program(change, number)
        for key in [45, 60] { score.on(13_001 + key * 11, key, velocity: 60) }
        score.control(30_000, 64, 0)
        for key in [57, 64] { score.off(34_567, key) }
        for key in [45, 60] { score.off(40_001, key) }
        return score.events
    }

    @Test(arguments: 0..<8, 0..<8) func `holds for every ordered pair of patches`(from: Int, to: Int) throws {
        guard from != to else { return }
        let compiled = try Self.patches.get(), mappings = try Self.mappings.get()
        let entries = [compiled[from], compiled[to]].map { Sound($0, mappings: mappings) }
        let number = try #require(compiled[to].patch.program)
        let law = SwapLaw(entries, Self.stream(to: number), change: Self.change, frames: Self.frames)
        #expect(law.residual < -130)
        // Loud enough for the law to mean something, and under the ceiling.
        #expect((-15 ... -3).contains(dB(law.whole.peak)))
        // The law can tell: what players have elsewhere fails it.
        #expect(law.residual(of: law.hardCut(at: Self.change)) > -130)
        #expect(law.residual(of: law.crossfade(at: Self.change, length: 480)) > -130)
    }

    @Test func `a lost note-off fails it`() throws {
        let compiled = try Self.patches.get()
        let entries = [compiled[1], compiled[3]].map { Sound($0) }
        let number = try #require(compiled[3].patch.program)
        let events = Self.stream(to: number)
        let law = SwapLaw(entries, events, change: Self.change, frames: Self.frames)
        let lost = events.filter { !($0.kind == .noteOff && $0.number == 57) }
        #expect(law.residual(of: Rendering(entries, lost, frames: Self.frames)) > -130)
    }
}
