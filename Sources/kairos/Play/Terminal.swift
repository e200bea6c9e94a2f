import CRealtime
import Foundation
import KairosControl
import KairosTerminal

/// The player's terminal: keys that play and steer, lines that are told, and one line that stays current.
///
/// Keys are read where standard input is a terminal, whatever becomes of the output. Nothing here waits for the
/// terminal. `[control]`
final class Terminal {
    /// What keys ask for, beyond notes.
    enum Wish: Equatable {
        /// To quit; `isRepeated` where the key before asked for it too.
        case quit(isRepeated: Bool)
        case quitNow
        case entries
        case load
        case refresh
    }

    private let ring: Ring<Event>
    private let door: UInt8
    private let output: Output
    private let input: KeyInput?
    private var octave = 60
    private var sounding: [(key: Int, until: UInt64)] = []
    /// What can be jumped to by name.
    var entries: [String]
    /// What is typed after '/', while it is.
    private var jump: String?
    /// Whether the last key was 'q'.
    private var asksToQuit = false

    /// The row of letters, as on a piano from C.
    private static let keys: [Character: Int] = [
        "a": 0, "w": 1, "s": 2, "e": 3, "d": 4, "f": 5, "t": 6, "g": 7, "y": 8, "h": 9, "u": 10, "j": 11,
        "k": 12,
        "o": 13, "l": 14,
    ]

    /// Takes over the terminal, where there is one; `ring` gets its notes. `entries` can be jumped to by name.
    /// `output` must be live.
    init(ring: Ring<Event>, door: UInt8, entries: [String] = [], output: Output) {
        self.entries = entries
        self.ring = ring
        self.door = door
        self.output = output
        input = KeyInput(output: output)
    }

    /// What signals do with the terminal.
    var signalHandlers: ProcessSignals.Handlers {
        var handlers = ProcessSignals.Handlers()
        handlers.resize = { [output] in output.redraw() }
        guard let input else { return handlers }
        handlers.suspend = { input.suspend() }
        handlers.resume = { input.resume() }
        handlers.abandon = { input.restore() }
        return handlers
    }

    /// Gives the terminal back.
    func restore() {
        output.status("")
        output.drain(milliseconds: 100)
        input?.restore()
    }

    /// What the keys do, for the start.
    var help: String? {
        input == nil
            ? nil
            : "keys: a w s e d f … play, z x octave, n p next and previous, / jump by name, E entries, L load, T tap tempo, space start and stop, F refresh controllers, ! panic, q quit"
    }

    /// Takes what was typed, waiting at most `milliseconds`.
    func poll(milliseconds: Int) -> [Wish] {
        releaseDue()
        guard let input else {
            usleep(UInt32(milliseconds) * 1000)
            return []
        }
        return input.poll(milliseconds: milliseconds).compactMap(take)
    }

    private func take(_ key: Key) -> Wish? {
        if let typed = jump, key != .interrupt {
            spell(typed, key)
            return nil
        }
        defer { asksToQuit = key == .character("q") }
        switch key {
        case .character(let letter): return take(letter)
        case .interrupt, .endOfInput: return .quitNow
        case .paste: tell("what is pasted plays nothing")
        case .enter, .backspace, .escape: break
        }
        return nil
    }

    private func take(_ letter: Character) -> Wish? {
        switch letter {
        case "/": jump = ""
        case "E": return .entries
        case "L": return .load
        case "F": return .refresh
        case "T": push(.tapTempo)
        case " ": push(.startStop)
        case "q": return .quit(isRepeated: asksToQuit)
        case "n": push(.nextEntry)
        case "p": push(.previousEntry)
        case "!": push(.panic)
        case "z": octave = max(0, octave - 12)
        case "x": octave = min(108, octave + 12)
        default: if let step = Self.keys[letter] { play(octave + step) }
        }
        return nil
    }

    /// One more key of a name; Enter jumps to the first entry that has it, Escape leaves things as they are.
    private func spell(_ typed: String, _ key: Key) {
        switch key {
        case .escape, .endOfInput: jump = nil
        case .backspace: jump = String(typed.dropLast())
        case .enter:
            jump = nil
            if let place = found(typed) { push(.selectEntry, place) } else { tell("no entry has '\(typed)'") }
        case .character(let letter): jump = typed + String(letter)
        case .paste(let text): jump = typed + text
        case .interrupt: break
        }
    }

    /// An entry that begins with what was typed, or else has it somewhere.
    private func found(_ typed: String) -> Int? {
        guard !typed.isEmpty else { return nil }
        let names = entries.map { $0.lowercased() }, word = typed.lowercased()
        return names.firstIndex { $0.hasPrefix(word) } ?? names.firstIndex { $0.contains(word) }
    }

    private func push(_ kind: Event.Kind, _ key: Int = 0) {
        ring.push(
            Event(
                kind, stamp: crt_now(), number: UInt32(key), position: Position.scaled(96),
                source: FixedSource.terminal,
                door: door))
    }

    /// A terminal does not tell when a key comes up: a note lasts 600 ms, or until it is struck again.
    private func play(_ key: Int) {
        if let index = sounding.firstIndex(where: { $0.key == key }) {
            sounding.remove(at: index)
            push(.noteOff, key)
        }
        push(.noteOn, key)
        sounding.append((key, crt_now() + 600_000_000))
    }

    private func releaseDue() {
        let now = crt_now()
        for note in sounding where note.until <= now { push(.noteOff, note.key) }
        sounding.removeAll { $0.until <= now }
    }

    /// Replaces the line that stays current; only on a terminal.
    func show(_ line: String) {
        let jumping = jump.map { typed in
            "jump to: \(typed)_   \(found(typed).map { entries[$0] } ?? "")"
        }
        output.status(jumping ?? line)
    }

    /// A line that stays, above the current one.
    func tell(_ line: String) { output.line(line) }
}
