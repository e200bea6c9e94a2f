import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession
import KairosTestSupport
import Testing

/// The effect of a mapping's controls on the sound.
@Suite struct Controls {
    /// The level is the value of its one macro.
    private static let patch = LevelPatch.text(
        gain: "50 %", macro: "range: [-inf dB, 0 dB], role: brightness")

    private func level(_ controls: [Mapping.Control], _ write: (inout Score) -> Void) throws -> Float {
        let entry = Sound(try compile(Self.patch), mappings: [Mapping(name: "m", controls: controls)])
        var score = Score()
        score.on(100, 60)
        write(&score)
        return Rendering([entry], score.events, frames: 9600).left[9500]
    }

    @Test func `the ends of a control reach the ends of the range exactly`() throws {
        let macro = Mapping.Control(.control(16), to: .macro(1))
        #expect(try level([macro]) { _ in } == 0.5)
        #expect(try level([macro]) { $0.control(500, 16, 0) } == 0)
        #expect(try level([macro]) { $0.control(500, 16, 127) } == 1)
        #expect(try level([macro]) { $0.control(500, 17, 127) } == 0.5)
    }

    @Test func `roles, ranges, inversion and channels`() throws {
        let role = Mapping.Control(.control(74), to: .role(.brightness), inverted: true)
        #expect(try level([role]) { $0.control(500, 74, 0) } == 1)
        let range = Mapping.Control(
            .control(1), to: .port(patch: "test", module: "mix", port: "gainA"),
            range: TypedRange("20 %", "80 %"))
        #expect(abs(try level([range]) { $0.control(500, 1, 0) } - 0.2) < 1e-6)
        #expect(abs(try level([range]) { $0.control(500, 1, 127) } - 0.8) < 1e-6)
        let channel = Mapping.Control(.control(16), to: .macro(1), channel: 4)
        #expect(try level([channel]) { $0.control(500, 16, 0) } == 0.5)
        #expect(try level([channel]) { $0.control(500, 16, 0, channel: 4) } == 0)
    }

    @Test func `a pair of controllers has fourteen bits`() throws {
        let pair = Mapping.Control(
            .controlPair(20, 52), to: .port(patch: "test", module: "mix", port: "gainA"),
            range: TypedRange("0 %", "100 %"))
        // Without a fine half, the coarse controller has the full range.
        #expect(try level([pair]) { $0.control(500, 20, 127) } == 1)
        #expect(
            try level([pair]) {
                $0.control(500, 20, 127); $0.control(500, 52, 127)
            } == 1)
        let coarse = try level([pair]) {
            $0.control(500, 20, 90); $0.control(500, 52, 0)
        }
        let finer = try level([pair]) {
            $0.control(500, 20, 90); $0.control(500, 52, 1)
        }
        #expect(finer > coarse && finer - coarse < 0.001)
        // The fine half is kept when the coarse half changes.
        let after = try level([pair]) {
            $0.control(500, 52, 100)
            $0.control(600, 20, 90)
        }
        #expect(after > finer)
    }

    @Test func `a mapped key plays no note, and moves a gate or an entry`() throws {
        let free = Self.patch.split(separator: "\n").filter { !$0.contains("keys.gate") }.joined(
            separator: "\n")
        let gate = Mapping(
            name: "m", controls: [.init(.note(36), to: .port(patch: "test", module: "env", port: "gate"))])
        let entry = Sound(
            try compile(free.replacing("type: adsr", "type: adsr, each: once")), mappings: [gate])
        var score = Score()
        score.on(1000, 36)
        score.off(5000, 36)
        let sound = Rendering([entry], score.events, frames: 9600)
        #expect(sound.left[900] == 0 && sound.left[4000] == 0.5 && sound.left[7000] == 0)

        let next = Mapping(name: "m", controls: [.init(.note(36), to: .action(.nextEntry))])
        let entries = try [0, 1].map {
            Sound(
                try compile(Self.patch.replacing("50 %", $0 == 0 ? "50 %" : "25 %"), program: $0),
                mappings: [next])
        }
        var change = Score()
        change.on(1000, 36)
        change.off(1100, 36)
        change.on(2000, 60)
        let rig = Rig(entries)
        #expect(Rendering(rig, change.events, frames: 4800).left[4000] == 0.25)
    }

    @Test func `modulation, breath and foot apply to the next patch; other controllers do not`()
        throws
    {
        let wheel = Mapping(
            name: "m", controls: [.init(.control(1), to: .macro(1)), .init(.control(16), to: .macro(1))])
        let entries = try [0, 1].map { Sound(try compile(Self.patch, program: $0), mappings: [wheel]) }
        func level(_ controller: Int) -> Float {
            var score = Score()
            score.control(500, controller, 127)
            score.program(2000, 1)
            score.on(3000, 60)
            return Rendering(entries, score.events, frames: 6000).left[5000]
        }
        #expect(level(1) == 1 && level(16) == 0.5)
    }

    @Test func `volume, expression and pan act on the part, after its slots`() throws {
        let entries = try [0, 1].map { Sound(try compile(Self.patch, program: $0)) }
        var score = Score()
        score.on(100, 60)
        score.program(1000, 1)
        score.control(2000, 7, 64)
        score.control(2000, 10, 0)
        let sound = Rendering(entries, score.events, frames: 9600)
        let half = NormalizedValue.fraction(NormalizedValue.scaled(64))
        #expect(abs(sound.left[9000] - 0.5 * half * half) < 1e-6 && sound.right[9000] == 0)
    }

    @Test func `a program change in every block leaves nothing behind`() throws {
        let entries = try Checkout.patches().map { Sound($0) }
        var score = Score()
        for key in [48, 55, 64] { score.on(100, key); score.off(60_000, key) }
        for index in 0..<900 { score.program(200 + index * 64 + index % 7, index % 8) }
        let host = OfflineHost(Rig(entries), mode: .entry)
        host.play(score.events)
        var sound = Rendering(frames: 64_000)
        sound.render(with: host, periods: [64])
        #expect(sound.left.allSatisfy(\.isFinite) && sound.peak > 0.05)
        // The longest echo lasts half a minute.
        var tail = Rendering(frames: 48_000 * 45)
        tail.render(with: host, periods: [4096])
        #expect(host.engine.status.slots == 1 && host.engine.status.voices == 0)
    }
}

extension String {
    fileprivate func replacing(_ part: String, _ other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
