import CRealtime
import Foundation
import KairosControl
import KairosTerminal

/// The terminal of the player: reads keys that play notes and give commands, prints lines, and keeps a status
/// line. `[control]`
///
/// Keys are read if standard input is a terminal, even if the output is redirected. No method waits for the
/// terminal to accept output.
final class Terminal {
    /// A command of a key; notes and transport keys go to the engine directly.
    enum Command: Equatable {
        /// Quit; `isRepeated` if the key before was 'q' too.
        case quit(isRepeated: Bool)
        case quitNow
        /// Print the entries.
        case entries
        /// Print the load of the sounding patches.
        case load
        /// Send all values to the controllers again.
        case refresh
    }

    private let ring: Ring<Event>
    private let inputNumber: UInt8
    private let output: Output
    private let input: KeyInput?
    /// The MIDI key of the letter 'a'.
    private var octave = 60
    /// Notes played from the terminal, each with the time of its note-off.
    private var sounding: [(key: Int, until: UInt64)] = []
    /// The names of the entries, for '/'.
    var entries: [String]
    /// The text typed after '/'; nil outside the search.
    private var search: String?
    /// True if the last key was 'q'.
    private var lastWasQuit = false

    /// The letter rows as a piano keyboard: semitones above C.
    private static let keys: [Character: Int] = [
        "a": 0, "w": 1, "s": 2, "e": 3, "d": 4, "f": 5, "t": 6, "g": 7, "y": 8, "h": 9, "u": 10, "j": 11,
        "k": 12,
        "o": 13, "l": 14,
    ]

    /// Puts the terminal into key mode, if standard input is one. Notes go to `ring`. `output` must be live
    /// (``Output/goLive()``).
    init(ring: Ring<Event>, input number: UInt8, entries: [String] = [], output: Output) {
        self.entries = entries
        self.ring = ring
        inputNumber = number
        self.output = output
        input = KeyInput(output: output)
    }

    /// The terminal's part in handling signals.
    var signalHandlers: ProcessSignals.Handlers {
        var handlers = ProcessSignals.Handlers()
        handlers.resize = { [output] in output.redraw() }
        guard let input else { return handlers }
        handlers.suspend = { input.suspend() }
        handlers.resume = { input.resume() }
        handlers.abandon = { input.restore() }
        return handlers
    }

    /// Clears the status line and restores the mode of the terminal.
    func restore() {
        output.status("")
        output.drain(milliseconds: 100)
        input?.restore()
    }

    /// The keys and what they do.
    static let commands: [(key: String, about: String)] = [
        ("a w s e d f …", "notes"), ("z x", "octave"), ("n p", "next/previous entry"),
        ("/", "jump by name"), ("E", "entries"), ("L", "load"), ("T", "tap tempo"),
        ("space", "start/stop"), ("F", "refresh controllers"), ("!", "panic"), ("q", "quit"),
    ]

    /// A line that explains the keys, printed at the start; nil without a terminal.
    var help: String? {
        input == nil
            ? nil : "keys: " + Self.commands.map { "\($0.key) \($0.about)" }.joined(separator: ", ")
    }

    /// Handles the keys typed since the last call, waiting at most `milliseconds` for one. Returns the
    /// commands.
    func poll(milliseconds: Int) -> [Command] {
        releaseDue()
        guard let input else {
            usleep(UInt32(milliseconds) * 1000)
            return []
        }
        return input.poll(milliseconds: milliseconds).compactMap(handle)
    }

    private func handle(_ key: Key) -> Command? {
        if let text = search, key != .interrupt {
            editSearch(text, key)
            return nil
        }
        defer { lastWasQuit = key == .character("q") }
        switch key {
        case .character(let letter): return handle(letter)
        case .interrupt, .endOfInput: return .quitNow
        case .paste: printLine("pasted text is ignored")
        case .enter, .backspace, .escape: break
        }
        return nil
    }

    private func handle(_ letter: Character) -> Command? {
        switch letter {
        case "/": search = ""
        case "E": return .entries
        case "L": return .load
        case "F": return .refresh
        case "T": push(.tapTempo)
        case " ": push(.startStop)
        case "q": return .quit(isRepeated: lastWasQuit)
        case "n": push(.nextEntry)
        case "p": push(.previousEntry)
        case "!": push(.panic)
        case "z": octave = max(0, octave - 12)
        case "x": octave = min(108, octave + 12)
        default: if let step = Self.keys[letter] { play(octave + step) }
        }
        return nil
    }

    /// Handles a key while a name is searched: Enter selects the first match, Escape cancels.
    private func editSearch(_ text: String, _ key: Key) {
        switch key {
        case .escape, .endOfInput: search = nil
        case .backspace: search = String(text.dropLast())
        case .enter:
            search = nil
            if let index = firstMatch(text) {
                push(.selectEntry(UInt32(index)))
            } else {
                printLine("no entry matches '\(text)'")
            }
        case .character(let letter): search = text + String(letter)
        case .paste(let pasted): search = text + pasted
        case .interrupt: break
        }
    }

    /// The index of the first entry whose name begins with `text`, or else contains it; nil if there is none.
    private func firstMatch(_ text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        let names = entries.map { $0.lowercased() }, word = text.lowercased()
        return names.firstIndex { $0.hasPrefix(word) } ?? names.firstIndex { $0.contains(word) }
    }

    /// The velocity of the terminal's notes.
    private static let velocity = NormalizedValue.scaled(96)

    private func push(_ message: Event.Message) {
        ring.push(Event(message, stamp: crt_now(), source: FixedSource.terminal, input: inputNumber))
    }

    /// Plays a note of 600 ms, or until the key is repeated: a terminal does not report key releases.
    private func play(_ key: Int) {
        if let index = sounding.firstIndex(where: { $0.key == key }) {
            sounding.remove(at: index)
            push(.noteOff(key: UInt8(key), velocity: Self.velocity))
        }
        push(.noteOn(key: UInt8(key), velocity: Self.velocity))
        sounding.append((key, crt_now() + 600_000_000))
    }

    /// Sends the note-offs that are due.
    private func releaseDue() {
        let now = crt_now()
        for note in sounding where note.until <= now {
            push(.noteOff(key: UInt8(note.key), velocity: Self.velocity))
        }
        sounding.removeAll { $0.until <= now }
    }

    /// Replaces the status line; does nothing if the output is not a terminal.
    func updateStatus(_ line: String) {
        let prompt = search.map { text in
            "jump to: \(text)_   \(firstMatch(text).map { entries[$0] } ?? "")"
        }
        output.status(prompt ?? line)
    }

    /// Prints a line above the status line.
    func printLine(_ line: String) { output.line(line) }
}
