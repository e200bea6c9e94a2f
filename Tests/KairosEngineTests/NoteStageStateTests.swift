import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch
import KairosSession
import KairosTestSupport
import Testing

@testable import KairosEngine

/// The state and the values of note stages: images, live edits, parameters, other stages.
@Suite struct NoteStageStateTests {
    private static func sound(_ notes: String) throws -> Sound {
        Sound(
            try compile("notes: \(notes)\n" + TonePatch.text(header: "level: -12 dB", oscillator: "saw")))
    }

    private static func chord(_ end: Int = 200_000) -> [Event] {
        var score = Score()
        for key in [45, 57, 60] { score.on(300 + 37 * key, key) }
        for key in [45, 57, 60] { score.off(end, key) }
        return score.events
    }

    private static func render(_ host: OfflineHost, _ frames: Int, periods: [Int] = [256]) -> Rendering {
        var part = Rendering(frames: frames)
        part.render(with: host, periods: periods)
        return part
    }

    @Test(
        arguments: [
            "[{ type: arp, mode: random, octaves: 3, rate: 1/32 }]",
            "[{ type: arp, mode: chord, rate: 1/16 }, { type: strum, time: 9 ms }, { type: humanize }]",
            "[{ type: chord, shape: ninth }, { type: sequence, rate: 1/32, pitch: [0, 7, 12], tie: [false, true] }]",
        ]) func `another engine goes on from an image with the same bits`(notes: String) throws
    {
        let rig = Rig([try Self.sound(notes)])
        let first = OfflineHost(rig, mode: .entry), second = OfflineHost(rig, mode: .entry)
        first.play(Self.chord())
        let border = 40_000 / 64 * 64
        _ = (Self.render(first, border), Self.render(second, border))
        let image = first.engine.audio.withValue { audio -> [UInt8] in
            guard let core = audio.playback.instance(ofLayer: 0)?.core else { return [] }
            let bytes = InstanceImage.bytes(of: &core.pointee)
            return [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
                InstanceImage.save(&core.pointee, into: UnsafeMutableRawBufferPointer(buffer))
                count = bytes
            }
        }
        let isLoaded = second.engine.audio.withValue { audio in
            guard let core = audio.playback.instance(ofLayer: 0)?.core else { return false }
            return image.withUnsafeBytes { InstanceImage.load($0, into: &core.pointee) }
        }
        #expect(isLoaded)
        let goes = Self.render(first, 40_000), loaded = Self.render(second, 40_000)
        #expect(goes.peak > 0.01)
        #expect(goes.firstDifference(loaded) == nil)
    }

    @Test func `an edit that changes nothing is bit-exact`() throws {
        let sound = try Self.sound("[{ type: chord }, { type: arp, rate: 1/32 }, { type: humanize }]")
        let plain = OfflineHost(Rig([sound]), mode: .entry), edited = OfflineHost(Rig([sound]), mode: .entry)
        for host in [plain, edited] { host.play(Self.chord(30_000)) }
        var whole = Rendering(frames: 0)
        for frames in [9001, 12_000, 7778, 20_000] {
            let part = Self.render(edited, frames)
            whole.left += part.left
            whole.right += part.right
            let again = try CompiledPatch(sound.compiled.patch, registry: .standard)
            edited.engine.sounds.replace(0, with: Sound(again))
        }
        #expect(Self.render(plain, whole.left.count).firstDifference(whole) == nil)
    }

    /// The changes of a patch that is replaced by another one at frame 20 000, while a key is held from 1000 to 40 000
    /// and another one from 30 000.
    private func edited(_ notes: String, to other: String) throws -> [Float] {
        let host = OfflineHost(Rig([Sound(try NoteProbe.patch(notes))]), mode: .entry)
        var score = Score()
        score.on(1000, 60)
        score.on(30_000, 90)
        score.off(40_000, 60)
        score.off(50_000, 90)
        host.play(score.events)
        let before = Self.render(host, 20_000)
        host.engine.sounds.replace(0, with: Sound(try NoteProbe.patch(other)))
        return (before.left + Self.render(host, 60_000).left).map { $0 * NoteProbe.scale }
    }

    @Test func `an edit of a value keeps the arpeggio`() throws {
        let sound = try edited(
            "[{ type: arp, gate: 50 %, rate: 1/16 }]", to: "[{ type: arp, gate: 100 %, rate: 1/16 }]")
        // From the edit on its notes are longer.
        #expect(sound[19_500] == 60 && sound[23_000] == 0)
        #expect(sound[25_100] == 60 && sound[29_000] == 60)
        #expect(sound.suffix(15_000).allSatisfy { $0 == 0 })
    }

    @Test func `an edit of the list: held keys keep the old stages, new keys get the new ones`() throws {
        let sound = try edited("[{ type: arp, gate: 50 %, rate: 1/16 }]", to: "[]")
        #expect(sound[25_500] == 60 && sound[28_500] == 0)
        #expect(sound[31_500] == 150 && sound[35_000] == 90)
        #expect(sound.suffix(15_000).allSatisfy { $0 == 0 })
        let back = try edited("[]", to: "[{ type: chord, shape: octave }]")
        #expect(back[25_500] == 60 && back[31_500] == 60 + 90 + 102)
        #expect(back.suffix(15_000).allSatisfy { $0 == 0 })
    }

    @Test func `a parameter of a stage is set like any other`() throws {
        var score = Score()
        score.on(1000, 60)
        let rate = ModuleRegistry.standard["arp"]?.params.first { $0.symbol == "rate" }?.spec
        let value = try #require(try rate?.parse("1/8"))
        score.add(
            8000, Event(.setParam(key: ParamKeys.key("arp", "rate"), of: .layer(0), to: .number(value))))
        let probe = try NoteProbe("[{ type: arp, rate: 1/16 }]", score.events, frames: 40_000)
        #expect(probe.starts.map(\.frame) == [1000, 7000, 13_000, 25_000, 37_000])
    }

    @Test func `turning latch off ends latched notes`() throws {
        var score = Score()
        score.on(1000, 60)
        score.off(2000, 60)
        score.add(20_000, Event(.setParam(key: ParamKeys.key("arp", "latch"), of: .layer(0), to: 0)))
        let probe = try NoteProbe("[{ type: arp, rate: 1/16, latch: true }]", score.events, frames: 60_000)
        #expect(probe.starts.map(\.frame) == [1000, 7000, 13_000, 19_000])
        #expect(probe.remaining == 0)
    }
}
