import CRealtime
import Foundation
import KairosControl

/// The player's terminal: keys that play and steer, and one line that stays current.
final class Terminal {
    /// What a key asks for, beyond notes.
    enum Wish { case quit, entries, load, refresh }

    private let ring: Ring<Event>
    private let door: UInt8
    private let interactive: Bool
    private var saved = termios()
    private var octave = 60
    private var sounding: [(key: Int, until: UInt64)] = []
    /// What can be jumped to by name.
    var entries: [String]
    /// What is typed after '/', while it is.
    private var jump: String?
    /// The line of state that is there now; writing it again would wake the terminal.
    private var shown: String?

    /// The row of letters, as on a piano from C.
    private static let keys: [Character: Int] = [
        "a": 0, "w": 1, "s": 2, "e": 3, "d": 4, "f": 5, "t": 6, "g": 7, "y": 8, "h": 9, "u": 10, "j": 11,
        "k": 12,
        "o": 13, "l": 14,
    ]

    /// Takes over the terminal, where there is one; `ring` gets its notes. `entries` can be jumped to by name.
    init(ring: Ring<Event>, door: UInt8, entries: [String] = []) {
        self.entries = entries
        self.ring = ring
        self.door = door
        interactive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        guard interactive else { return }
        tcgetattr(STDIN_FILENO, &saved)
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    }

    /// Gives the terminal back.
    func restore() {
        guard interactive else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &saved)
        print("")
    }

    /// What the keys do, for the start.
    var help: String? {
        interactive
            ? "keys: a w s e d f … play, z x octave, n p next and previous, / jump by name, E entries, L load, T tap tempo, space start and stop, F refresh controllers, ! panic, q quit"
            : nil
    }

    /// Takes what was typed, waiting at most `milliseconds`.
    func poll(milliseconds: Int32) -> Wish? {
        releaseDue()
        guard interactive else {
            usleep(UInt32(milliseconds) * 1000)
            return nil
        }
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard Foundation.poll(&descriptor, 1, milliseconds) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else { return nil }
        for byte in bytes[..<count] { if let wish = take(Character(Unicode.Scalar(byte))) { return wish } }
        return nil
    }

    private func take(_ key: Character) -> Wish? {
        if let typed = jump {
            spell(typed, key)
            return nil
        }
        switch key {
        case "/": jump = ""
        case "E": return .entries
        case "L": return .load
        case "F": return .refresh
        case "T": push(.tapTempo)
        case " ": push(.startStop)
        case "q", "\u{3}", "\u{4}": return .quit
        case "n": push(.nextEntry)
        case "p": push(.previousEntry)
        case "!": push(.panic)
        case "z": octave = max(0, octave - 12)
        case "x": octave = min(108, octave + 12)
        default: if let step = Self.keys[key] { play(octave + step) }
        }
        return nil
    }

    /// One more letter of a name; Enter jumps to the first entry that has it, Escape leaves things as they are.
    private func spell(_ typed: String, _ key: Character) {
        switch key {
        case "\u{1b}": jump = nil
        case "\u{7f}", "\u{8}": jump = String(typed.dropLast())
        case "\n", "\r":
            jump = nil
            if let place = found(typed) { push(.selectEntry, place) } else { tell("no entry has '\(typed)'") }
        default: jump = typed + String(key)
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

    /// Replaces the line of state; only on a terminal.
    func show(_ line: String) {
        guard interactive else { return }
        let jumping = jump.map { typed in
            "jump to: \(typed)_   \(found(typed).map { entries[$0] } ?? "")"
        }
        let text = String((jumping ?? line).prefix(columns - 1))
        guard text != shown else { return }
        shown = text
        FileHandle.standardOutput.write(Data("\r\(text)\u{1b}[K".utf8))
    }

    /// A line that stays, above the line of state.
    func tell(_ line: String) {
        if interactive { FileHandle.standardOutput.write(Data("\r\u{1b}[K".utf8)) }
        shown = nil
        // Not through stdio: what is told is there at once, also in a pipe.
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private var columns: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
