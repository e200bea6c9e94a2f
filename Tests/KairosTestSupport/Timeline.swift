public import KairosCompiler
public import KairosControl
public import KairosEngine
import KairosFiles
import KairosPatch

/// A drawing of events and of the expected result. One column is ``Timeline/column`` frames.
///
///     program  |A    B      |
///     key 60   |  #######   |
///     pedal    |      ####  |
///     A sounds |  11111111  |
///     B sounds |            |
///
/// A row may name its channel and its device: `key 60 ch 2 from 1`. Pedals are `pedal`, `sostenuto`, `hold` and
/// `legato`: `#` is down, `-` is half-way, `_` sends the value 0. `mode 123` sends this mode message at each mark.
/// `unplugged from 1` removes the device. `cc 84 81` sends that controller with that value at each mark. `on 60`
/// and `off 60` send a single note-on and note-off.
///
/// Rows that end in `sounds` state the expected number of held notes of a patch; a blank is 0. Events that start in
/// one column act in the order of the rows.
public struct Timeline {
    /// Length of a column in frames.
    public static let column = 1200

    private(set) var score = Score()
    private(set) var expected: [(name: String, notes: String)] = []
    private(set) var columns = 0

    /// Reads a drawing. The letters of `program` are the programs 0, 1, 2 …
    public init(_ drawing: String) {
        for (order, line) in drawing.split(separator: "\n").enumerated() {
            let halves = line.split(separator: "|", omittingEmptySubsequences: false)
            guard halves.count >= 2 else { continue }
            let words = halves[0].split(separator: " ").map(String.init)
            let cells = Array(halves[1])
            columns = max(columns, cells.count)
            if words.last == "sounds" || words.count == 1 && ["voices", "struck"].contains(words[0]) {
                expected.append((words[0], String(cells)))
            } else {
                add(words, cells, order)
            }
        }
    }

    private mutating func add(_ words: [String], _ cells: [Character], _ order: Int) {
        func number(after word: String) -> Int? {
            words.firstIndex(of: word).flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
        }
        let channel = UInt8((number(after: "ch") ?? 1) - 1), source = UInt16(number(after: "from") ?? 0)
        var before: Character = " "
        for (index, cell) in cells.enumerated() {
            let frame = index * Self.column + order * 3
            defer { before = cell }
            switch words[0] {
            case "program": change(frame, cell, channel)
            case "key":
                guard cell != before, let key = number(after: "key") else { continue }
                // The frame of a note-off is significant too: a row can state another channel for it.
                let up = UInt8((number(after: "up") ?? Int(channel) + 1) - 1)
                if before != " " { score.off(frame, key, channel: up, source: source) }
                if cell != " " {
                    score.on(
                        frame + 1, key, velocity: cell == "s" ? 40 : 100, channel: channel, source: source)
                }
            case "pedal", "sostenuto", "hold", "legato":
                guard cell != before else { continue }
                score.control(
                    frame, ["pedal": 64, "sostenuto": 66, "hold": 69][words[0]] ?? 68,
                    Self.places[cell] ?? 127, channel: channel, source: source)
            case "on", "off":
                guard cell != " ", let key = number(after: words[0]) else { continue }
                if words[0] == "on" {
                    score.on(frame, key, channel: channel, source: source)
                } else {
                    score.off(frame, key, channel: channel, source: source)
                }
            case "cc":
                guard cell != " ", let controller = number(after: "cc"), let value = Int(words[2]) else {
                    continue
                }
                score.control(frame, controller, UInt8(value), channel: channel, source: source)
            case "mode":
                guard cell != " ", let mode = number(after: "mode") else { continue }
                score.control(frame, mode, 0, channel: channel, source: source)
            case "unplugged":
                guard cell != " ", cell != before else { continue }
                score.add(frame, Event(.sourceGone, source: source))
            case "clock":
                // A column with a bar is a beat: 24 clock messages.
                if cell == "^" { score.add(frame, Event(.start)) }
                for tick in 0..<24 where cell != " " {
                    score.add(frame + tick * Self.column / 24, Event(.clock))
                }
            default: preconditionFailure("a row '\(words[0])' means nothing")
            }
        }
    }

    private mutating func change(_ frame: Int, _ cell: Character, _ channel: UInt8) {
        switch cell {
        case " ": break
        case ">": score.add(frame, Event(.nextEntry, channel: channel))
        case "<": score.add(frame, Event(.previousEntry, channel: channel))
        case "!": score.add(frame, Event(.panic))
        // Three program changes on one frame, the last one to A.
        case "*": for number in [1, 2, 0] { score.program(frame, number, channel: channel) }
        case "?": score.program(frame, 99, channel: channel)
        default:
            if let letter = cell.asciiValue { score.program(frame, Int(letter) - 65, channel: channel) }
        }
    }

    /// Differences from the drawing as text; empty if there are none.
    ///
    /// Entries are made of patches A, B and C, whose held notes can be distinguished in the output.
    public func faults(_ rig: Rig, mode: EngineSetup.Mode = .entry) -> [String] {
        let sound = Rendering(rig, score.events, frames: columns * Self.column, mode: mode)
        return expected.compactMap { name, notes in
            guard let place = Self.letters.firstIndex(of: name) else { return "no patch is called \(name)" }
            let heard = (0..<columns).map { index -> Character in
                let level = sound.left[index * Self.column + Self.column * 9 / 10]
                let count = Int((level * 512).rounded()) >> (3 * place) & 7
                return count == 0 ? " " : Character(String(count))
            }
            let text = String(heard)
            return text == notes ? nil : "\(name) sounds |\(text)|, drawn was |\(notes)|"
        }
    }

    private static let letters = ["A", "B", "C"]
    /// Position of a pedal.
    private static let places: [Character: UInt8] = [" ": 0, "_": 0, "-": 64, "#": 127]

    /// Patch A, B or C: every held note adds 1/512, 8/512 or 64/512 to the output.
    public static func patch(_ letter: String) throws -> CompiledPatch {
        let place = letters.firstIndex(of: letter) ?? 0
        let text = """
            voices: 7
            level: \(Float(1 << (3 * place)) / 512)
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - env -> out
            """
        return try compile(text, name: letter, program: place)
    }

    /// Patches A, B and C, each an entry of its own.
    public static func plain(mappings: [Mapping] = []) throws -> Rig {
        Rig(try letters.map { Sound(try patch($0), mappings: mappings) })
    }

    /// The entries of a set list's text over patches A, B and C.
    public static func entries(_ text: String, mappings: [Mapping] = []) throws -> Rig {
        let list = try SetListFile.parse("kairos: setlist/1\n" + text, file: "test.setlist.yaml")
        let (rig, faults) = list.rig(try letters.map { try patch($0) }, mappings: mappings)
        guard faults.isEmpty else { throw Diagnostics("test.setlist.yaml", faults.joined(separator: "\n")) }
        return rig
    }
}
