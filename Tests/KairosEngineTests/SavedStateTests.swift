import CRealtime
import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosEngine

/// The state of an instance is one image. Another instance of the same patch that loads it continues with the same
/// bits.
@Suite struct SavedStateTests {
    private static let patches = Result { try Checkout.allPatches() }

    /// A patch with every kind of state: a delay in each voice, a feedback loop around another one on the bus,
    /// parameters that follow the newest note, an unconnected gate, unison and glide.
    private static func busyPatch(more: String = "", connections: String = "") throws -> Sound {
        Sound(
            try compile(
                """
                voices: 20
                unison: 2
                unisonDetune: 12 ct
                glide: 80 ms
                modules:
                  keys: { type: keys }
                  osc: { type: saw, scatter: 100 % }
                  hiss: { type: noise, colour: pink }
                  mix: { type: mix }
                  env: { type: adsr, release: 300 ms }
                  wave: { type: lfo, shape: random, rate: 7 Hz }
                  filter: { type: svf, cutoff: 900 Hz, resonance: 60 % }
                  vca: { type: vca }
                  near: { type: delay, each: voice, time: 31 ms }
                  far: { type: delay, time: 170 ms, feedback: 40 % }
                  sum: { type: mix, gainA: 0 dB, gainB: -12 dB }
                  tail: { type: adsr, release: 1 s }
                  open: { type: vca }
                  out: { type: output }
                \(more)
                connections:
                  - keys.pitch -> osc.pitch
                  - keys.gate -> env.gate
                  - osc -> mix.a
                  - hiss -> mix.b
                  - mix -> filter
                  - env -> filter.cutoff @ 24 st
                  - wave -> filter.cutoff @ 5 st
                  - filter.low -> vca
                  - env -> vca.level
                  - vca -> near
                  - near -> sum.a
                  - sum -> far
                  - far -> sum.b
                  - keys.velocity -> far.time @ 20 ms
                  - far -> open
                  - tail -> open.level
                  - open -> out
                \(connections)
                """))
    }

    @Test func `every patch continues with the same bits`() throws {
        for (index, patch) in try Self.patches.get().enumerated() {
            let name = patch.patch.name
            try Self.check(Sound(patch), name, seed: UInt32(index))
        }
    }

    @Test func `a patch with every kind of state continues with the same bits`() throws {
        for seed in 100..<104 { try Self.check(try Self.busyPatch(), "busy", seed: UInt32(seed)) }
    }

    /// Saves in the middle of notes and tails. A new instance and one that has played something else continue from
    /// there.
    private static func check(_ sound: Sound, _ name: String, seed: UInt32) throws {
        let border = 24_064, end = 44_000
        var first = Player(sound, seed: seed)
        first.play(to: border)
        let image = first.saved()
        #expect(image.count == first.instance.imageBytes)
        var fresh = Player(sound, seed: seed, from: border), used = Player(sound, seed: seed + 1)
        used.play(to: 9_999)
        used.skip(to: border, seed: seed)
        #expect(fresh.load(image) && used.load(image))
        // The saved instance continues first: state that it shares with the others by mistake would then differ.
        let whole = first.play(to: end)
        #expect(whole[8000...].contains { abs($0) > 1e-3 }, "\(name) is silent")
        let fromFresh = fresh.play(to: end), fromUsed = used.play(to: end)
        #expect(firstDifference(whole, fromFresh) == nil, "\(name), loaded into a new instance")
        #expect(firstDifference(whole, fromUsed) == nil, "\(name), loaded into a used instance")
    }

    /// Bytes in which the images of two instances with the same history differ are padding between fields. They are
    /// not addresses and have no meaning.
    @Test func `where an instance lies is not in its image`() throws {
        let sounds = try Self.patches.get().map { Sound($0) } + [try Self.busyPatch()]
        for sound in sounds {
            var one = Player(sound, seed: 5), other = Player(sound, seed: 5)
            one.play(to: 20_032)
            other.play(to: 20_032)
            var image = one.saved()
            let different = other.saved()
            #expect(image.count == different.count)
            for index in image.indices where image[index] != different[index] { image[index] = 0xa5 }
            var loaded = Player(sound, seed: 5, from: 20_032)
            #expect(loaded.load(image))
            #expect(
                firstDifference(one.play(to: 30_016), loaded.play(to: 30_016)) == nil,
                "\(sound.compiled.patch.name)")
        }
    }

    /// The law fails if a part of the state is missing in the image: each part is left out in turn.
    @Test func `a part left out of the image is audible`() throws {
        // Long enough for echoes of 201 ms, and at a border at which gates are high.
        let sound = try Self.busyPatch(), border = 24_064, end = 46_016, seed: UInt32 = 92
        var first = Player(sound, seed: seed)
        first.play(to: border)
        let image = first.saved(), whole = first.play(to: end)
        #expect(whole.contains { abs($0) > 1e-3 }, "silent")
        var missed: Set<String> = []
        for part in first.parts {
            var other = Player(sound, seed: seed, from: border)
            let fresh = other.saved()
            var partial = image
            partial.replaceSubrange(part.bytes, with: fresh[part.bytes])
            #expect(other.load(partial))
            if firstDifference(whole, other.play(to: end)) == nil { missed.insert(part.name) }
        }
        // These keep nothing between sub-blocks; a memory matters only after the newest note has ended.
        #expect(missed.subtracting(["memories"]) == ["vca", "mix"])
    }

    /// After a live edit some modules lie in the region of the former instance; the image has the same order as
    /// without an edit.
    @Test func `an instance that succeeds another one continues with the same bits`() throws {
        let before = try Self.busyPatch()
        let after = try Self.busyPatch(
            more: "  late: { type: delay, time: 90 ms }\n",
            connections: "  - vca -> late\n  - late -> sum.c\n")
        var old = Player(before, seed: 3)
        old.play(to: 16_000)
        var follower: Player? = Player(after, seed: 3, from: 16_000, following: old)
        follower?.follow(&old)
        // The modules outlive the instance in whose region they lie.
        old = Player(before, seed: 4)
        follower?.play(to: 24_064)
        let image = try #require(follower?.saved())
        var loaded = Player(after, seed: 3, from: 24_064)
        #expect(loaded.load(image))
        let whole = follower?.play(to: 40_000) ?? []
        #expect(firstDifference(whole, loaded.play(to: 40_000)) == nil)
        follower = nil
        #expect(loaded.play(to: 50_000).contains { $0 != 0 })
    }

    @Test func `an image of another patch is refused and changes nothing`() throws {
        let sound = try Self.busyPatch(), patches = try Self.patches.get()
        var player = Player(sound, seed: 8), same = Player(sound, seed: 8)
        player.play(to: 6_400)
        same.play(to: 6_400)
        for patch in patches {
            var other = Player(Sound(patch), seed: 8)
            other.play(to: 640)
            #expect(!player.load(other.saved()), "\(patch.patch.name)")
        }
        let image = same.saved()
        #expect(!player.load(Array(image.dropLast())))
        #expect(!player.load([]))
        let elsewhere = Player(sound, seed: 8, sampleRate: 44_100)
        #expect(!elsewhere.load(image))
        #expect(firstDifference(player.play(to: 12_800), same.play(to: 12_800)) == nil)
    }
}

/// The first frame in which two renders differ, or nil. Two values that are not numbers count as equal.
private func firstDifference(_ a: [Float], _ b: [Float]) -> Int? {
    a.count == b.count ? zip(a, b).enumerated().first { $1.0.bitPattern != $1.1.bitPattern }?.offset : 0
}

/// An instance that is rendered without an engine. The seed alone determines the events of each frame.
private struct Player {
    let instance: PatchInstance
    private var seed: UInt32
    private var clock: Int

    init(
        _ sound: Sound, seed: UInt32, from clock: Int = 0, sampleRate: Float = 48_000,
        following old: Player? = nil
    ) {
        instance = PatchInstance(sound, sampleRate: sampleRate, following: old?.instance)
        self.seed = seed
        self.clock = clock
    }

    /// Sets the frame without rendering, and continues with another seed.
    mutating func skip(to frame: Int, seed: UInt32) {
        clock = frame
        self.seed = seed
    }

    /// Continues in place of `old`, as after a live edit.
    mutating func follow(_ old: inout Player) {
        guard let transfer = instance.transfer else { return }
        transfer.pointee.move(
            from: &old.instance.core.pointee, to: &instance.core.pointee, fadeFrames: 480)
    }

    /// The image of the state, copied as on the audio thread.
    func saved() -> [UInt8] {
        let bytes = instance.imageBytes
        return [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
            crt_realtime_enter()
            instance.save(into: UnsafeMutableRawBufferPointer(buffer))
            crt_realtime_exit()
            count = bytes
        }
    }

    func load(_ image: [UInt8]) -> Bool {
        image.withUnsafeBytes { image in
            crt_realtime_enter()
            defer { crt_realtime_exit() }
            return instance.load(from: image)
        }
    }

    /// The parts of an image: the engine's records, and the modules by their types.
    var parts: [(name: String, bytes: Range<Int>)] {
        let core = instance.core.pointee, schedule = instance.source.compiled.schedule
        let header = instance.imageBytes - core.layout.engineBytes - core.layout.moduleBytes
        func part<T>(_ name: String, _ table: RegionTable<T>) -> (String, Range<Int>) {
            let start =
                header + (UnsafeRawPointer(table.baseAddress) - UnsafeRawPointer(core.stateReference.address))
            return (name, start..<start + table.count * MemoryLayout<T>.stride)
        }
        let groups = part("groups", core.voices.groups)
        let voices = (groups.1.upperBound + 63) & ~63
        var parts = [
            part("state", RegionTable(baseAddress: core.stateReference.address, count: 1)),
            part("gates", core.gates), part("memories", core.memories), groups,
            ("voices", voices..<voices + 64), part("parameters", core.params.states),
        ]
        var next = header + core.layout.engineBytes
        func add(_ boxes: RegionTable<Unmanaged<ModuleBox>>, _ recipes: [Schedule.BoxRecipe]) {
            for (index, recipe) in recipes.enumerated() {
                let size = boxes[index]._withUnsafeGuaranteedRef { $0.memory.count }
                parts.append((schedule.types[recipe.node].name, next..<next + size))
                next += size
            }
        }
        add(core.modules.once, schedule.onceBoxes)
        // Of the first voice group.
        add(core.modules.voice, schedule.voiceBoxes)
        return parts
    }

    private func drawn(_ n: Int, _ bound: Int) -> Int {
        Int(scrambled(seed &* 7919 &+ UInt32(truncatingIfNeeded: n)) % UInt32(bound))
    }

    /// Renders up to a frame, left and right alternating. An event occurs every 160 frames.
    @discardableResult mutating func play(to frames: Int) -> [Float] {
        crt_flush_to_zero()
        let core = instance.core
        var output: [Float] = []
        while clock < frames {
            if clock % 160 == 0 { act(clock / 160) }
            for n in 0..<SubBlock.longest {
                let isFed = clock < 30_000
                core.pointee.buffers.input.left[n] = isFed ? noise(0, clock + n, seed) * 0.2 : 0
                core.pointee.buffers.input.right[n] = isFed ? noise(1, clock + n, seed) * 0.2 : 0
            }
            let next = [(clock / 64 + 1) * 64, (clock / 160 + 1) * 160, frames].min() ?? frames
            core.pointee.render(
                SubBlock(
                    frames: next - clock, clock: clock, phase: clock % SubBlock.controlTick,
                    endsBlock: next % SubBlock.longest == 0))
            for n in 0..<next - clock {
                output += [core.pointee.buffers.output.left[n], core.pointee.buffers.output.right[n]]
            }
            clock = next
        }
        return output
    }

    private func act(_ turn: Int) {
        let core = instance.core
        switch drawn(turn, 6) {
        case 0, 1:
            let key = UInt8(40 + drawn(turn + 1, 40))
            var note = NoteStart(
                serial: UInt32(turn + 1), key: key, velocity: Float(20 + drawn(turn + 2, 100)) / 127,
                in: core.pointee.voices)
            note.touch.pressure = 0.3
            core.pointee.voices.start(note)
        case 2:
            for former in max(0, turn - 40)..<max(0, turn - 15) {
                core.pointee.voices.release(UInt32(former + 1), velocity: 0.4)
            }
        case 3:
            core.pointee.voices.touch(
                channelState: 0, offset: Float(drawn(turn + 1, 3)) - 1, bend: Float(drawn(turn + 2, 9)) / 9,
                timbre: 0.7, frames: 240)
        case 4:
            guard core.pointee.params.count > 0 else { return }
            let index = drawn(turn + 1, core.pointee.params.count)
            let state = core.pointee.params.states[index]
            // Near the patch's own value: farther away a loop may grow, and a time of seconds masks what follows.
            let place =
                state.law.normalized(state.preset.number ?? state.target) + Float(drawn(turn + 2, 100) - 50)
                / 500
            let value = state.law.value(normalized: min(1, max(0, place)))
            core.pointee.params.set(index, to: core.pointee.params.intend(index, .number(value)))
        default:
            for index in 2..<core.pointee.gates.count {
                let isHigh = drawn(turn + index, 3) > 0
                core.pointee.gates[index] = Gate(
                    high: isHigh ? .all : .none, triggered: isHigh ? .all : .none)
            }
        }
    }
}
