import KairosCompiler
import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

/// Takeover where control and parameter differ, as drawings. One column is 50 ms. `macro` and `other` are positions
/// of controls in tenths (a is the end), `program` is a program change, `heard` is the parameter in tenths. Each
/// test states what makes it fail.
@Suite struct TakeoverTimelines {
    private static let column = 2400
    /// The level is the third power of the position of its one macro, which is 50 % initially.
    private static let patch = LevelPatch.text()

    /// The row `heard` as measured, where it differs from the drawing.
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

    /// Fails where a control with another position acts at once: the level jumps when it is touched (zynaddsubfx
    /// 276).
    @Test func `pickup: no effect before the control passes the value`() throws {
        #expect(
            try draw(
                .pickup,
                """
                macro    |1234  678976|
                heard   |555555678976|
                """) == nil)
    }

    /// Fails where pickup needs a value near the parameter: a fast move passes it without effect (Deluge 1707).
    @Test func `pickup: a fast move that crosses the value catches it`() throws {
        #expect(
            try draw(
                .pickup,
                """
                macro    |1 9 2  |
                heard   |5599222|
                """) == nil)
    }

    /// Fails where a control keeps its pickup over a program change: the new patch jumps to the old value (surge
    /// 8068).
    @Test func `pickup: begins again with each patch change, there and back`() throws {
        #expect(
            try draw(
                .pickup,
                """
                program |A    B      A     |
                macro    |5678  989 43 234 6|
                heard   |567885555543555556|
                """) == nil)
    }

    /// Fails where a control keeps its pickup after another source has moved the parameter: it jumps at the next
    /// touch.
    @Test func `pickup: begins again when another source moves the parameter`() throws {
        #expect(
            try draw(
                .pickup,
                """
                macro    |5678  89  1  2|
                other   |    2       3 |
                heard   |56782222221133|
                """) == nil)
    }

    /// Fails where the scaled value jumps, or where the ends cannot be reached.
    @Test func `scale: no jump, and both ends are reached together`() throws {
        #expect(
            try draw(
                .scale,
                """
                macro    |2 7 a 5 0 |
                heard   |5588aa5500|
                """) == nil)
    }

    /// Fails where a macro in jump mode waits.
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
