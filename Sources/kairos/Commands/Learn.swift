import ArgumentParser
import CRealtime
import Foundation
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles
import KairosTerminal

/// `kairos learn TARGET`: move a knob, it is mapped.
struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Map controls by moving them (MIDI learn). Ctrl-C to finish.",
        discussion: """
            kairos learn 'macro 1'                the control that is moved becomes macro 1, the next one macro 2, …
            kairos learn tide/filter.resonance   one parameter of one patch
            kairos learn 'next entry'            a button, a pad or a key
            kairos learn brightness --file my-controller.yaml

            An encoder is turned there and back, so that it is known how it counts. Writes a mapping file in your own
            folder, called after the controller. 'u' undoes, Ctrl-C ends.
            """)

    @Argument(help: "What the control moves: a macro, a role, patch/module.parameter, or an action.")
    var target: String
    @Option(help: ArgumentHelp("The mapping file to write.", valueName: "yaml")) var file: String?
    @Option(help: ArgumentHelp("Stop after this many controls.", valueName: "n")) var count: Int?
    @Option(help: ArgumentHelp("Stop after this many seconds.", valueName: "n")) var seconds: Double?
    @Option(
        help: ArgumentHelp("Connect sequencer ports whose name contains this.", valueName: "pattern"))
    var connect: [String] = []

    func validate() throws {
        try OptionRange.check(seconds: seconds)
        try OptionRange.check(path: file, "--file")
        if let count, count < 1 { throw ValidationError("--count is 1 or more, and this is \(count)") }
    }

    func run() throws {
        let signals = ProcessSignals()
        // What is no target is told before anybody moves anything.
        try LearnSession.check(target)
        Output.standard.goLive()
        try learn(signals)
        endIfUnwritten()
    }

    private func learn(_ signals: ProcessSignals) throws {
        let ring = Ring<Event>(capacity: 4096)
        let input: SequencerInput
        do {
            input = try SequencerInput(
                ring: ring, connections: Connections(wanted: connect), name: "Kairos learn")
        } catch { throw Failure("\(error)") }
        input.start(priority: 0)
        defer {
            signals.beginEnd()
            input.stop()
        }
        let keys = KeyInput(output: .standard)
        defer { keys?.restore() }
        var handlers = ProcessSignals.Handlers()
        handlers.suspend = { keys?.suspend() }
        handlers.resume = { keys?.resume() }
        handlers.abandon = { keys?.restore() }
        signals.set(handlers)
        var session = LearnSession(target: target, file: file)
        tell("move what should be '\(session.target)'")
        let until = moment(after: seconds)
        while !signals.isEnding, crt_now() < until, session.learned < (count ?? .max),
            Output.standard.failure == nil
        {
            for notice in input.takeNotices() { session.note(notice) }
            while let event = ring.pop() {
                if let line = try session.take(event) { tell(line) }
                if session.learned >= (count ?? .max) { break }
            }
            let typed = keys?.poll(milliseconds: 10) ?? []
            if keys == nil { usleep(10_000) }
            if typed.contains(.endOfInput) { break }
            for key in typed where key == .character("u") { if let line = try session.undo() { tell(line) } }
        }
        tell(session.summary)
    }

    private func tell(_ line: String) { Output.standard.line(line) }
}

/// What has been learned so far, and where it is written.
struct LearnSession {
    private(set) var target: String
    private(set) var learned = 0
    private(set) var path: String?
    private var learner: Learner
    private var editor: MappingEditor?
    private var names: [UInt16: String] = [:]
    private var targets: [String] = []

    init(target: String, file: String?) {
        self.target = target
        path = file
        learner = Learner(Self.wish(target))
    }

    private static func wish(_ target: String) -> Learner.Wish {
        Mapping.Action(target) == nil ? .movement : .press
    }

    mutating func note(_ notice: SequencerInput.Notice) {
        if case .connected(let name, let source, _) = notice { self.name(source, name) }
    }

    /// What a device is called.
    mutating func name(_ source: UInt16, _ name: String) { names[source] = name }

    /// Throws what is wrong with a target.
    static func check(_ target: String) throws {
        do {
            let line = "  - { cc: 1, to: \(PatchFile.quoted(target)) }\n"
            _ = try MappingFile.parse("kairos: mapping/1\ncontrols:\n" + line, file: "target")
        } catch {
            throw Failure(error.list.first?.message ?? "'\(target)' can not be moved")
        }
    }

    /// What came of it.
    var summary: String {
        learned == 0 ? "nothing was mapped" : "\(learned) mapped, in \(path ?? "")"
    }

    /// An event; a line for the player where it completes something.
    mutating func take(_ event: Event) throws -> String? {
        guard let found = learner.take(event) else { return nil }
        let device = names[found.source] ?? ""
        var editor = try editor ?? open(device)
        var words = found.words
        if found.isSwitch, Mapping.Action(target) == nil { words += ", button: latch" }
        do { try editor.map(words, to: target) } catch { throw Failure("\(path ?? device): \(error)") }
        self.editor = editor
        try write()
        learned += 1
        let line = "\(device.isEmpty ? "" : device + ": ")\(words) -> \(target)"
        targets.append(target)
        // Of macros the next one is the next.
        if target.hasPrefix("macro "), let place = Int(target.dropFirst(6)), place < 8 {
            target = "macro \(place + 1)"
        }
        learner = Learner(Self.wish(target))
        return line + "; now move what should be '\(target)', or stop"
    }

    mutating func undo() throws -> String? {
        guard var editor, editor.undo(), let last = targets.popLast() else { return nil }
        self.editor = editor
        try write()
        learned -= 1
        target = last
        learner = Learner(Self.wish(target))
        return "taken back; move what should be '\(target)'"
    }

    /// The file that is written: the one that was named, or one called after the device in the player's folder.
    private mutating func open(_ device: String) throws -> MappingEditor {
        let path = path ?? Library.userFolder(.mappings) + "/" + stem(device) + ".yaml"
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return MappingEditor(device: device) }
        do {
            _ = try MappingFile.read(path: path)
            return MappingEditor(try String(contentsOfFile: path, encoding: .utf8))
        } catch { throw Failure("\(error)\nnothing was written; mend it first, or name another with --file") }
    }

    private func stem(_ device: String) -> String {
        let name = device.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(name).split(separator: "-").joined(separator: "-")
        return words.isEmpty ? "controller" : words
    }

    /// Whole or not at all: a reader never sees half of it.
    private func write() throws {
        guard let path, let editor else { return }
        do { try DurableFile.write(editor.text, to: path) } catch { throw Failure(error.description) }
    }
}
