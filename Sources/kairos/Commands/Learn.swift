import ArgumentParser
import CRealtime
import Foundation
import KairosControl
import KairosDevices
import KairosTerminal

/// `kairos learn TARGET`: MIDI learn from the command line.
struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Map controls by moving them (MIDI learn). Ctrl-C to finish.",
        discussion: """
            kairos learn 'macro 1'               map controls to macro 1, macro 2, …
            kairos learn tide/filter.resonance   map to a parameter of one patch
            kairos learn 'next entry'            map a button, pad or key to an action
            kairos learn brightness --file my-controller.yaml

            Turn an encoder in both directions, so that its encoding is recognized. The
            mapping is written to your own folder and named after the controller. Press
            'u' to undo, Ctrl-C to finish.
            """)

    @Argument(
        help: "What to map to: a macro, a role, patch/module.parameter, or an action.",
        completion: .learnTarget)
    var target: String
    @Option(
        help: ArgumentHelp("The mapping file to write.", valueName: "yaml"),
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?
    @Option(help: ArgumentHelp("Stop after this many controls.", valueName: "n")) var count: Int?
    @Option(help: ArgumentHelp("Stop after this many seconds.", valueName: "n")) var seconds: Double?
    @Option(
        help: ArgumentHelp("Connect sequencer ports whose name contains this.", valueName: "pattern"),
        completion: .midiDevice)
    var connect: [String] = []

    func validate() throws {
        try OptionRange.check(seconds: seconds)
        try OptionRange.check(path: file, "--file")
        if let count, count < 1 { throw ValidationError("--count must be 1 or more, not \(count)") }
    }

    func run() throws {
        let signals = ProcessSignals()
        // An invalid target is an error before anything is opened.
        try LearnSession.check(target)
        Output.standard.goLive()
        try learn(signals)
        exitIfOutputFailed()
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
        printMessage("move the control for '\(session.target)'")
        let until = deadline(after: seconds)
        while !signals.isEnding, crt_now() < until, session.learned < (count ?? .max),
            Output.standard.failure == nil
        {
            for notice in input.popNotices() { session.handle(notice) }
            while let event = ring.pop() {
                if let line = try session.handle(event) { printMessage(line) }
                if session.learned >= (count ?? .max) { break }
            }
            let typed = keys?.poll(milliseconds: 10) ?? []
            if keys == nil { usleep(10_000) }
            if typed.contains(.endOfInput) { break }
            for key in typed where key == .character("u") {
                if let line = try session.undo() { printMessage(line) }
            }
        }
        printMessage(session.summary)
    }

    private func printMessage(_ line: String) { Output.standard.line(line) }
}
