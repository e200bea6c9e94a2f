import KairosCompiler
import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

/// A control that stands elsewhere than its parameter, drawn: one column is 50 ms. `macro` and `other` are moved to tenths
/// of their way (a is the end), `program` changes the patch, `heard` is where the parameter is, in tenths. Each says
/// what it fails on.
@Suite struct TakeoverTimelines {
    private static let column = 2400
    /// Its level is the third power of its one macro's position, which begins half-way.
    private static let patch = LevelPatch.text()

    /// What `heard` should have been, where it was not as drawn.
    private func draw(_ takeover: Mapping.Takeover, _ drawing: String) throws -> String? {
        let mapping = Mapping(
            name: "m",
            controls: [
                .init(.control(16), to: .macro(1), takeover: takeover), .init(.control(17), to: .macro(1)),
            ])
        var score = Score(), expected = ""
        for line in drawing.split(separator: "\n") {
            let halves = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            for (index, cell) in halves[1].enumerated() where cell != " " {
                let frame = Self.column * (index + 1)
                switch halves[0].split(separator: " ")[0] {
                case "macro": score.control(frame, 16, Self.value(cell))
                case "other": score.control(frame + 20, 17, Self.value(cell))
                case "program":
                    score.program(frame - 60, Int(cell.asciiValue ?? 65) - 65)
                    score.off(frame - 50, 60)
                    score.on(frame - 40, 60)
                default: break
                }
            }
            if line.hasPrefix("heard") { expected = halves[1] }
        }
        score.on(10, 60)
        let sounds = try [0, 1].map {
            Sound(try compile(Self.patch, name: "P\($0)", program: $0), mappings: [mapping])
        }
        let sound = Rendering(sounds, score.events, frames: Self.column * (expected.count + 2))
        let heard = (0..<expected.count).map { index in
            Self.tenth(cubeRootPrecise(sound.left[Self.column * (index + 2) - 100]))
        }
        return String(heard) == expected ? nil : "heard   |\(String(heard))|"
    }

    private static func value(_ cell: Character) -> UInt8 {
        cell == "a" ? 127 : UInt8((Float(cell.wholeNumberValue ?? 0) * 12.8).rounded())
    }

    private static func tenth(_ place: Float) -> Character {
        let tenths = Int((place * 10).rounded())
        return tenths == 10 ? "a" : Character(String(tenths))
    }

    /// Fails where a control that stands elsewhere is believed: the sound jumps when it is touched (zynaddsubfx 276).
    @Test func `pickup: nothing before the control passes the place`() throws {
        #expect(
            try draw(
                .pickup,
                """
                macro    |1234  678976|
                heard   |555555678976|
                """) == nil)
    }

    /// Fails where only nearness catches: a fast move steps over the place and nothing happens (Deluge 1707).
    @Test func `pickup: a fast move catches by the crossing`() throws {
        #expect(
            try draw(
                .pickup,
                """
                macro    |1 9 2  |
                heard   |5599222|
                """) == nil)
    }

    /// Fails where the control stays in hand over a patch change: the new patch jumps to where the old one was (surge 8068).
    @Test func `pickup: armed anew by each patch change, there and back`() throws {
        #expect(
            try draw(
                .pickup,
                """
                program |A    B      A     |
                macro    |5678  989 43 234 6|
                heard   |567885555543555556|
                """) == nil)
    }

    /// Fails where what moves the parameter from elsewhere leaves the control in hand: it jumps back at the next touch.
    @Test func `pickup: armed anew when something else moves the parameter`() throws {
        #expect(
            try draw(
                .pickup,
                """
                macro    |5678  89  1  2|
                other   |    2       3 |
                heard   |56782222221133|
                """) == nil)
    }

    /// Fails where the way jumps, or where the ends are never reached.
    @Test func `scale: no jump, and both ends are reached together`() throws {
        #expect(
            try draw(
                .scale,
                """
                macro    |2 7 a 5 0 |
                heard   |5588aa5500|
                """) == nil)
    }

    /// Fails where a macro that should act at once waits.
    @Test func `jump: at once`() throws {
        #expect(
            try draw(
                .jump,
                """
                macro    |1 9 0 a |
                heard   |119900aa|
                """) == nil)
    }
}
