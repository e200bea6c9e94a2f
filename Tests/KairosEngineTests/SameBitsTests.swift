import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import KairosTestSupport
import Testing

/// The same events give the same bits for every division into blocks.
@Suite struct SameBits {
    private static let patches = Result { try Checkout.patches() }

    private static func stream(seed: UInt32) -> [Event] {
        var score = Score()
        var state = seed
        func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 0x9e37_79b9)
            return Int(state) % bound
        }
        for index in 0..<60 {
            let at = 200 + draw(38_000), key = 36 + draw(48), channel = UInt8(index % 2)
            score.on(at, key, velocity: UInt8(30 + draw(90)), channel: channel)
            score.off(at + 100 + draw(9000), key, channel: channel)
        }
        for _ in 0..<80 {
            score.control(draw(44_000), [1, 7, 11, 64, 66, 71, 74, 16, 17][draw(9)], UInt8(draw(128)))
        }
        for _ in 0..<30 { score.bend(draw(44_000), draw(16_384) - 8192) }
        // A chord of twenty keys on consecutive frames: more splits than 64 frames may have.
        for key in 0..<20 { score.on(20_000 + key, 40 + key, channel: 1) }
        for key in 0..<20 { score.off(30_000 + key, 40 + key, channel: 1) }
        return score.events
    }

    @Test(arguments: 0..<13) func `for any block size`(patch: Int) throws {
        let mappings = try Checkout.mappings()
        let entries = try Self.patches.get().map { Sound($0, mappings: mappings) }
        var events = Self.stream(seed: UInt32(patch))
        let change = Event(
            .program, stamp: Timebase.offline(sampleRate: 48_000).stamp(of: 25_003),
            number: UInt32((patch + 3) % 8))
        events.append(change)
        events.sort { $0.stamp < $1.stamp }
        let whole = Rendering(entries, events, frames: 48_000, mode: .multi, first: patch, periods: [4096])
        #expect(whole.peak > 0.05)
        for periods in [[64], [100], [1024], [1, 63, 7, 512, 333, 16, 5]] {
            let other = Rendering(
                entries, events, frames: 48_000, mode: .multi, first: patch, periods: periods)
            #expect(whole.firstDifference(other) == nil, "periods \(periods)")
        }
    }

    @Test(arguments: 0..<13) func `for any split by another part's events`(patch: Int) throws {
        let entries = try Self.patches.get().map { Sound($0) }
        let events = Self.stream(seed: 77 + UInt32(patch)).filter { $0.channel == 0 }
        let whole = Rendering(entries, events, frames: 48_000, mode: .multi, first: patch)
        // Pedals of a channel without notes split the block and have no other effect; few enough that none waits.
        var cuts = events
        let timebase = Timebase.offline(sampleRate: 48_000)
        var at = 0
        while at < 48_000 {
            at += 97 + Int(scrambled(UInt32(at))) % 400
            cuts.append(
                Event(.control, stamp: timebase.stamp(of: at), channel: 9, number: 64, normalized: .max))
        }
        cuts.sort { $0.stamp < $1.stamp }
        let other = Rendering(entries, cuts, frames: 48_000, mode: .multi, first: patch)
        #expect(whole.firstDifference(other) == nil)
    }

    @Test(arguments: 0..<13) func `for any lane, former note and neighbouring notes`(patch: Int)
        throws
    {
        let compiled = try Self.patches.get()[patch]
        guard compiled.patch.voicing.mode == .poly else { return }
        // Notes that differ in their serial number alone. Random values are therefore not compared.
        guard !compiled.scheduleText.contains(" noise ") else { return }
        let scattered = compiled.patch.modules.contains {
            $0.settings.contains { $0.symbol.text == "scatter" }
        }
        guard !scattered else { return }
        let entry = Sound(compiled)
        let start = 480_000 * 2, frames = start + 24_000
        var alone = Score()
        alone.on(start, 60, velocity: 90)
        alone.off(start + 9000, 60)
        var after = alone
        for lane in 0..<9 {
            after.on(1000 + lane * 64, 40 + lane)
            after.off(9000, 40 + lane)
        }
        let first = Rendering([entry], alone.events, frames: frames)
        let second = Rendering([entry], after.events, frames: frames)
        guard !compiled.scheduleText.contains(" delay ") else {
            // The echoes of the earlier notes are still there, as intended; after 20 s they are negligible.
            var rest = first - second
            rest.left.removeFirst(start)
            #expect(dB(rest.left.map(abs).max() ?? 0) < -130)
            return
        }
        let difference = first.left[start...].indices.first {
            first.left[$0].bitPattern != second.left[$0].bitPattern
        }
        #expect(difference == nil)
    }

    @Test func `twice`() throws {
        let entries = try Self.patches.get().map { Sound($0) }
        let events = Self.stream(seed: 5)
        let one = Rendering(entries, events, frames: 48_000, mode: .multi)
        let two = Rendering(entries, events, frames: 48_000, mode: .multi)
        #expect(one == two)
    }
}
