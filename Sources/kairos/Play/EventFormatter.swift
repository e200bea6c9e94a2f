import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch

/// Formats events and the engine's reports as text for the terminal and the monitor. `[control]`
final class EventFormatter {
    private let engine: Engine
    private var rig: Rig
    private var controls: [ControlSurface.Control]
    /// `engine.rigChanges` of the rig that `rig` and `controls` were copied from.
    private var generation: Int

    init(_ engine: Engine) {
        self.engine = engine
        generation = engine.rigChanges
        rig = engine.rig
        controls = ControlSurface.controls(rig.mappings).all
    }

    /// Copies the rig again if the engine has a new one. Returns whether it has.
    func refresh() -> Bool {
        guard engine.rigChanges != generation else { return false }
        generation = engine.rigChanges
        rig = engine.rig
        controls = ControlSurface.controls(rig.mappings).all
        return true
    }

    /// Formats an incoming event.
    func text(_ event: Event) -> String {
        let channel = "ch \(event.channel + 1)"
        let value = NormalizedValue.sevenBits(event.normalized)
        switch event.kind {
        case .noteOn, .noteOnPitch: return "note \(note(event.number)) on, velocity \(value), \(channel)"
        case .noteOff, .noteOffPitch: return "note \(note(event.number)) off, \(channel)"
        case .polyPressure: return "pressure \(value) on \(note(event.number)), \(channel)"
        case .channelPressure: return "pressure \(value), \(channel)"
        case .control:
            let fine = event.isWhole ? " (\(fourteenBits(event.normalized)) of 16383)" : ""
            return "cc \(event.number & 127) = \(value)\(fine), \(channel)"
        case .registered, .nonRegistered:
            return
                "\(event.kind == .registered ? "rpn" : "nrpn") \(event.parameter) "
                + "\(dataEntry(event)), \(channel)"
        case .pitchBend: return "bend \(Int(event.normalized >> 18) - 8192), \(channel)"
        case .program:
            return "program \(event.number % 128)"
                + (event.number >= 128 ? " of bank \(event.number / 128)" : "") + ", \(channel)"
        case .sourceGone: return "a device was disconnected: its notes and pedals were released"
        case .panic: return "panic"
        case .reset: return "reset (General MIDI system)"
        case .master:
            let names = ["volume", "balance", "fine tuning", "coarse tuning"]
            return "master \(names[Int(event.number) % 4]) \(fourteenBits(event.normalized)) of 16383"
        case .tuneKey: return "tuning of \(note(event.number & 127)) in program \(event.number >> 7)"
        case .tuneOctave: return "tuning of all \(Self.names[Int(event.number) % 12])"
        case .tapTempo: return "tap tempo"
        case .startStop: return "start/stop"
        case .nextEntry: return "next entry"
        case .previousEntry: return "previous entry"
        case .selectEntry: return "entry \(name(Int32(event.number)))"
        case .clock: return "MIDI clock"
        case .start: return "start"
        case .resume: return "continue"
        case .stop: return "stop"
        case .songPosition: return "song position \(event.number)"
        case .setTempo: return "tempo"
        case .setParam:
            return event.channel == 16
                ? "parameter of the master effects" : "parameter of layer \(event.channel + 1)"
        case .snapshot: return "snapshot of all values"
        case .restore: return "restored settings"
        }
    }

    private static let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]

    private func note(_ number: UInt32) -> String {
        "\(Self.names[Int(number) % 12])\(Int(number) / 12 - 1) (\(number))"
    }

    private func fourteenBits(_ normalized: UInt32) -> UInt32 { normalized >> 18 }

    /// The value of an RPN or NRPN message.
    private func dataEntry(_ event: Event) -> String {
        switch event.part {
        case .coarse: "coarse = \(NormalizedValue.sevenBits(event.normalized))"
        case .fine: "fine = \(NormalizedValue.sevenBits(event.normalized))"
        case .whole: "= \(fourteenBits(event.normalized))"
        case .increment: "+ 1"
        case .decrement: "- 1"
        }
    }

    /// The control of a report as in its mapping, and its normalized value: `nanokontrol2, cc 16 at 50 %: `. Empty if
    /// the report has no control.
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
        let at = report.normalized.isNaN ? "" : " at \(percent(report.normalized))"
        return "\(rig.mappings[Int(control.mapping)].name), \(word)\(at): "
    }

    /// A normalized value in percent.
    private func percent(_ value: Float) -> String { "\(fixed(Double(value) * 100, 1)) %" }

    /// Formats the outcome of an event.
    func outcome(_ report: Report) -> String { control(report) + effect(report) }

    private func effect(_ report: Report) -> String {
        switch report.outcome {
        case .performed: return report.entry >= 0 ? "plays \(name(report.entry))" : "done"
        case .mapped: return param(report).map { "\($0.name) = \($0.spec.display(report.value))" } ?? "moved"
        case .gated: return "\(name(report.entry)): gate \(report.value >= 0.5 ? "high" : "low")"
        case .waitsForPickup:
            let direction = report.value > report.normalized ? "up" : "down"
            let name = param(report)?.name ?? "a parameter"
            return
                "\(name): pickup: control at \(midi(report.normalized)), "
                + "parameter at \(midi(report.value)); turn \(direction)"
        case .atEnd: return "\(param(report)?.name ?? "the parameter") is already at the end of its range"
        case .echo: return "echo of a feedback message; ignored"
        case .shifted: return "shift is \(report.normalized > 0 ? "on" : "off")"
        case .tempo: return "tempo \(fixed(Double(report.value), 1)) BPM"
        case .nothing: return "ignored by the mapping"
        case .unmapped: return "not mapped: no control of the mappings fits this patch"
        case .otherChannel:
            return "not mapped on this channel; mapped on channel \(Int(report.value))"
        case .otherDevice: return "mapped for another device only"
        case .unknownProgram: return "no entry has this program number; the current patch keeps playing"
        case .failedEntry: return "\(name(report.entry)) has failed; the current patch keeps playing"
        case .endOfList:
            switch report.event.kind {
            case .nextEntry: return "already at the last entry"
            case .previousEntry: return "already at the first entry"
            default: return "no such entry"
            }
        case .waits: return "\(name(report.entry)) starts \(switchTime(report.entry))"
        case .outside: return "outside all layers of \(name(report.entry)): no sound"
        case .untuned: return "the scale of \(name(report.entry)) has no pitch for this key: no sound"
        case .sameEntry: return "\(name(report.entry)) is already active"
        case .noSuchNote: return "no note with this key is held"
        case .noSuchParam: return "the active patch has no such parameter"
        case .noEntry: return "no patch is active yet"
        }
    }

    /// A normalized value as a 7-bit MIDI value.
    private func midi(_ normalized: Float) -> String { fixed(Double(normalized) * 127, 0) }

    /// The parameter of a report, with the name of its patch; nil if it does not exist any more.
    private func param(_ report: Report) -> (name: String, spec: ParamSpec)? {
        guard let compiled = sound(report), let (param, spec) = compiled.param(at: Int(report.index)) else {
            return nil
        }
        return ("\(compiled.patch.name): \(param)", spec)
    }

    /// The moment at which the change to `entry` happens, in words.
    private func switchTime(_ entry: Int32) -> String {
        guard let entry = rig.entry(at: Int(entry)) else { return "later" }
        switch entry.switching {
        case .now: return "when it is ready"
        case .afterRelease: return "when all notes are released"
        case .beat: return "on the next beat"
        case .bar: return "on the next bar"
        }
    }

    /// The entry that a program change has selected: `Tide (program 12)`.
    func change(_ report: Report) -> String { rig.entry(at: Int(report.entry))?.title ?? "-" }

    /// The name of the entry with this index; '-' if there is none.
    func name(_ entry: Int32) -> String { rig.entry(at: Int(entry))?.name ?? "-" }

    private func sound(_ report: Report) -> CompiledPatch? {
        engine.sounds.sound(Int(report.sound))?.compiled
    }

    /// A line for reports that the player must see without the monitor; nil for all others. An applied edit is
    /// none of them: the client or the file watcher that made it has its answer already.
    func notice(_ report: Report) -> String? {
        switch report.kind {
        case .notFinite:
            guard let compiled = sound(report) else { return nil }
            return
                "\(compiled.patch.name): module '\(compiled.moduleName(Int(report.index)))' produced "
                + "a non-finite value; its voice is muted until its next note"
        case .evicted:
            return "\(name(report.entry)) was faded out: it rang for too long, or its slot was needed"
        case .shortened:
            return "\(name(report.entry)) was faded out early: the change would have overloaded the CPU"
        case .failed: return "\(name(report.entry)) has failed; the current patch keeps playing"
        case .event
        where report.outcome == .unknownProgram || report.outcome == .failedEntry
            || report.outcome == .endOfList:
            return "\(text(report.event)): \(outcome(report))"
        case .wanted: return "\(name(report.entry)) is being built; the current patch keeps playing"
        default: return nil
        }
    }
}

extension Rig.Entry {
    /// The name with the program number, if there is one: `Tide (program 12)`, `Tide (bank 1, program 12)`.
    var title: String {
        guard let number else { return name }
        return name
            + (number >= 128 ? " (bank \(number / 128), program \(number % 128))" : " (program \(number))")
    }
}
