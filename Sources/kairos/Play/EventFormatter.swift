import KairosControl
import KairosDSP
import KairosEngine

/// Events and reports in words.
final class EventFormatter {
    private let engine: Engine
    private var rig: Rig
    private var controls: [ControlSurface.Control]
    /// Which rig they are of.
    private var generation: Int

    init(_ engine: Engine) {
        self.engine = engine
        generation = engine.renewals
        rig = engine.rig
        controls = ControlSurface.controls(rig.mappings).all
    }

    /// Goes by what there is to play now. Whether that is new.
    func look() -> Bool {
        guard engine.renewals != generation else { return false }
        generation = engine.renewals
        rig = engine.rig
        controls = ControlSurface.controls(rig.mappings).all
        return true
    }

    /// What came in.
    func text(_ event: Event) -> String {
        let channel = "ch \(event.channel + 1)"
        let value = Position.sevenBits(event.position)
        switch event.kind {
        case .noteOn, .noteOnPitch: return "note \(note(event.number)) on, velocity \(value), \(channel)"
        case .noteOff, .noteOffPitch: return "note \(note(event.number)) off, \(channel)"
        case .polyPressure: return "pressure \(value) on \(note(event.number)), \(channel)"
        case .channelPressure: return "pressure \(value), \(channel)"
        case .control:
            let fine = event.isWhole ? " (\(fourteenBits(event.position)) of 16383)" : ""
            return "cc \(event.number & 127) = \(value)\(fine), \(channel)"
        case .registered, .nonRegistered:
            return
                "\(event.kind == .registered ? "rpn" : "nrpn") \(event.parameter) \(part(event)), \(channel)"
        case .pitchBend: return "bend \(Int(event.position >> 18) - 8192), \(channel)"
        case .program:
            return "program \(event.number % 128)"
                + (event.number >= 128 ? " of bank \(event.number / 128)" : "") + ", \(channel)"
        case .sourceGone: return "a device is gone: its notes and pedals were let go"
        case .panic: return "panic"
        case .reset: return "everything to rest (General MIDI system)"
        case .master:
            let names = ["volume", "balance", "fine tuning", "coarse tuning"]
            return "master \(names[Int(event.number) % 4]) \(fourteenBits(event.position)) of 16383"
        case .tuneKey: return "tuning of \(note(event.number & 127)) in program \(event.number >> 7)"
        case .tuneOctave: return "tuning of all \(Self.names[Int(event.number) % 12])"
        case .tapTempo: return "tap"
        case .startStop: return "start or stop"
        case .nextEntry: return "next"
        case .previousEntry: return "previous"
        case .selectEntry: return "entry \(name(Int32(event.number)))"
        case .clock: return "clock"
        case .start: return "start"
        case .resume: return "continue"
        case .stop: return "stop"
        case .songPosition: return "song position \(event.number)"
        case .setTempo: return "tempo"
        case .setParam:
            return event.channel == 16
                ? "a value for the master effects" : "a value for layer \(event.channel + 1)"
        case .snapshot: return "a look at all values"
        case .restore: return "settings as they were"
        }
    }

    private static let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]

    private func note(_ number: UInt32) -> String {
        "\(Self.names[Int(number) % 12])\(Int(number) / 12 - 1) (\(number))"
    }

    private func fourteenBits(_ position: UInt32) -> UInt32 { position >> 18 }

    private func part(_ event: Event) -> String {
        switch event.part {
        case .coarse: "coarse = \(Position.sevenBits(event.position))"
        case .fine: "fine = \(Position.sevenBits(event.position))"
        case .whole: "= \(fourteenBits(event.position))"
        case .increment: "+ 1"
        case .decrement: "- 1"
        }
    }

    /// A control as its mapping writes it, and where it stands: `nanokontrol2, cc 16 at 50 %`.
    private func control(_ report: Report) -> String {
        guard controls.indices.contains(Int(report.control)) else { return "" }
        let control = controls[Int(report.control)]
        let word =
            switch control.input {
            case .control: "cc \(control.number)"
            case .pair: "cc [\(control.number), \(control.partner)]"
            case .registered: "rpn \(control.number)"
            case .nonRegistered: "nrpn \(control.number)"
            case .pressure: "pressure"
            case .bend: "bend"
            case .note: "note \(control.number)"
            }
        let at = report.position.isNaN ? "" : " at \(percent(report.position))"
        return "\(rig.mappings[Int(control.mapping)].name), \(word)\(at): "
    }

    private func percent(_ part: Float) -> String { "\(fixed(Double(part) * 100, 1)) %" }

    /// What became of it.
    func outcome(_ report: Report) -> String { control(report) + became(report) }

    private func became(_ report: Report) -> String {
        switch report.outcome {
        case .performed: return report.entry >= 0 ? "plays \(name(report.entry))" : "done"
        case .mapped: return param(report).map { "\($0.name) = \($0.spec.display(report.value))" } ?? "moved"
        case .gated: return "\(name(report.entry)): gate \(report.value >= 0.5 ? "high" : "low")"
        case .waitsForPickup:
            let way = report.value > report.position ? "up" : "down"
            let name = param(report)?.name ?? "a parameter"
            return
                "\(name) waits for its knob: \(midi(report.position)) -> \(midi(report.value)), turn it \(way)"
        case .atEnd: return "\(param(report)?.name ?? "the parameter") is at its end already (clamped)"
        case .echo: return "the controller says again what it was just told"
        case .shifted: return "the second layer is \(report.position > 0 ? "on" : "off")"
        case .tempo: return "tempo \(fixed(Double(report.value), 1)) beats a minute"
        case .nothing: return "nothing, as its mapping says"
        case .unmapped: return "nothing listens to it: no control of the mapping fits this patch"
        case .otherChannel:
            return "nothing listens to it on this channel; a control does on channel \(Int(report.value))"
        case .otherDevice: return "nothing listens to it: only a mapping for another device does"
        case .unknownProgram: return "no entry has this number: the sound stays"
        case .failedEntry: return "\(name(report.entry)) has failed: the sound stays"
        case .endOfList: return "there is no entry there: the sound stays"
        case .waits: return "\(name(report.entry)) comes \(moment(report.entry))"
        case .outside: return "outside every layer of \(name(report.entry)): nothing plays"
        case .untuned: return "the scale of \(name(report.entry)) has no pitch for this key: nothing plays"
        case .sameEntry: return "\(name(report.entry)) plays already"
        case .noSuchNote: return "no note of this key is held"
        case .noSuchParam: return "what plays has no such parameter"
        case .noEntry: return "no patch sounds yet"
        }
    }

    private func midi(_ position: Float) -> String { fixed(Double(position) * 127, 0) }

    /// The parameter that a report is about.
    private func param(_ report: Report) -> (name: String, spec: ParamSpec)? {
        guard let compiled = sound(report), let (param, spec) = compiled.param(at: Int(report.index)) else {
            return nil
        }
        return ("\(compiled.patch.name): \(param)", spec)
    }

    private func moment(_ entry: Int32) -> String {
        guard let entry = rig.entry(at: Int(entry)) else { return "later" }
        switch entry.switching {
        case .now: return "when it is built"
        case .afterRelease: return "when no note is held"
        case .beat: return "on the next beat"
        case .bar: return "on the next bar"
        }
    }

    /// The name of an entry.
    func name(_ entry: Int32) -> String { rig.entry(at: Int(entry))?.name ?? "-" }

    private func sound(_ report: Report) -> CompiledPatch? {
        engine.sounds.sound(Int(report.sound))?.compiled
    }

    /// What the player must know without asking, or nil.
    func line(_ report: Report) -> String? {
        switch report.kind {
        case .notFinite:
            guard let compiled = sound(report) else { return nil }
            return
                "\(compiled.patch.name): module '\(compiled.moduleName(Int(report.index)))' made something that is no number; its voice is silent until its next note"
        case .edited:
            return sound(report).map { "\($0.patch.name) sounds as it was edited" }
        case .evicted: return "\(name(report.entry)) was faded out: it rang too long, or room was needed"
        case .shortened:
            return "\(name(report.entry)) was cut short: the change would have been too much for this machine"
        case .failed: return "\(name(report.entry)) has failed; the old sound plays on"
        case .event
        where report.outcome == .unknownProgram || report.outcome == .failedEntry
            || report.outcome == .endOfList:
            return "\(text(report.event)): \(outcome(report))"
        case .wanted: return "\(name(report.entry)) is being built; the old sound plays on"
        default: return nil
        }
    }
}
