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
        switch event.message {
        case .noteOn(let key, let velocity), .noteOnPitch(let key, let velocity, _):
            return "note \(note(key)) on, velocity \(NormalizedValue.sevenBits(velocity)), \(channel)"
        case .noteOff(let key, _), .noteOffPitch(let key, _, _): return "note \(note(key)) off, \(channel)"
        case .polyPressure(let key, let value):
            return "pressure \(NormalizedValue.sevenBits(value)) on \(note(key)), \(channel)"
        case .channelPressure(let value):
            return "pressure \(NormalizedValue.sevenBits(value)), \(channel)"
        case .control(let number, let value, let isWhole):
            let fine = isWhole ? " (\(fourteenBits(value)) of 16383)" : ""
            return "cc \(number) = \(NormalizedValue.sevenBits(value))\(fine), \(channel)"
        case .registered(let entry): return "rpn \(dataEntry(entry)), \(channel)"
        case .nonRegistered(let entry): return "nrpn \(dataEntry(entry)), \(channel)"
        case .pitchBend(let value): return "bend \(Int(fourteenBits(value)) - 8192), \(channel)"
        case .program(let number):
            return "program \(number % 128)" + (number >= 128 ? " of bank \(number / 128)" : "")
                + ", \(channel)"
        case .sourceGone: return "a device was disconnected: its notes and pedals were released"
        case .panic: return "panic"
        case .reset: return "reset (General MIDI system)"
        case .master(let setting, let value):
            let name =
                switch setting {
                case .volume: "volume"
                case .balance: "balance"
                case .fineTuning: "fine tuning"
                case .coarseTuning: "coarse tuning"
                }
            return "master \(name) \(fourteenBits(value)) of 16383"
        case .tuneKey(let key, let program, _, _): return "tuning of \(note(key)) in program \(program)"
        case .tuneOctave(let pitchClass, _, _, _): return "tuning of all \(Self.names[Int(pitchClass) % 12])"
        case .tapTempo: return "tap tempo"
        case .startStop: return "start/stop"
        case .nextEntry: return "next entry"
        case .previousEntry: return "previous entry"
        case .selectEntry(let index): return "entry \(name(Int(index)))"
        case .clock: return "MIDI clock"
        case .start: return "start"
        case .resume: return "continue"
        case .stop: return "stop"
        case .songPosition(let sixteenths): return "song position \(sixteenths)"
        case .setTempo: return "tempo"
        case .setParam(_, .masterEffects, _): return "set a parameter of the master effects"
        case .setParam(_, .layer(let layer), _): return "set a parameter of layer \(Int(layer) + 1)"
        case .snapshot: return "snapshot of all values"
        case .restore: return "restored settings"
        }
    }

    private static let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]

    private func note(_ key: UInt8) -> String {
        "\(Self.names[Int(key) % 12])\(Int(key) / 12 - 1) (\(key))"
    }

    private func fourteenBits(_ normalized: UInt32) -> UInt32 { normalized >> 18 }

    /// The number and the value of an RPN or NRPN message.
    private func dataEntry(_ entry: Event.DataEntry) -> String {
        let value =
            switch entry.part {
            case .coarse: "coarse = \(NormalizedValue.sevenBits(entry.value))"
            case .fine: "fine = \(NormalizedValue.sevenBits(entry.value))"
            case .whole: "= \(fourteenBits(entry.value))"
            case .increment: "+ 1"
            case .decrement: "- 1"
            }
        return "\(entry.parameter) \(value)"
    }

    /// The control of a report as in its mapping, and its normalized value: `nanokontrol2, cc 16 at 50 %: `. Empty if
    /// the report has no control.
    private func control(_ report: EventReport) -> String {
        guard let moved = report.control, controls.indices.contains(Int(moved.index)) else { return "" }
        let control = controls[Int(moved.index)]
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
        let at = moved.normalized.map { " at \(percent($0))" } ?? ""
        return "\(rig.mappings[Int(control.mapping)].name), \(word)\(at): "
    }

    /// A normalized value in percent.
    private func percent(_ value: Float) -> String { "\(fixed(Double(value) * 100, 1)) %" }

    /// Formats the outcome of an event.
    func outcome(_ report: EventReport) -> String { control(report) + effect(report) }

    private func effect(_ report: EventReport) -> String {
        switch report.outcome {
        case .performed: return "done"
        case .plays(let entry): return "plays \(name(entry))"
        case .mapped(let target, let value):
            return param(target).map { "\($0.name) = \($0.spec.display(value))" } ?? "moved"
        case .gated(let entry, let isOpen): return "\(name(entry)): gate \(isOpen ? "high" : "low")"
        case .waitsForPickup(let target, let value):
            let position = report.control?.normalized ?? 0
            let direction = value > position ? "up" : "down"
            let name = target.flatMap { param($0) }?.name ?? "a parameter"
            return
                "\(name): pickup: control at \(midi(position)), "
                + "parameter at \(midi(value)); turn \(direction)"
        case .atEnd(let target, _):
            let name = target.flatMap { param($0) }?.name ?? "the parameter"
            return "\(name) is already at the end of its range"
        case .echo: return "echo of a feedback message; ignored"
        case .shifted: return "shift is \((report.control?.normalized ?? 0) > 0 ? "on" : "off")"
        case .tempo(let tempo): return "tempo \(fixed(Double(tempo), 1)) BPM"
        case .nothing: return "ignored by the mapping"
        case .unmapped: return "not mapped: no control of the mappings fits this patch"
        case .otherChannel(let channel):
            return "not mapped on this channel; mapped on channel \(Int(channel) + 1)"
        case .otherDevice: return "mapped for another device only"
        case .unknownProgram: return "no entry has this program number; the current patch keeps playing"
        case .failedEntry(let entry): return failure(entry)
        case .endOfList:
            switch report.event.message {
            case .nextEntry: return "already at the last entry"
            case .previousEntry: return "already at the first entry"
            default: return "no such entry"
            }
        case .waits(let entry): return "\(name(entry)) starts \(switchTime(entry))"
        case .outside(let entry): return "outside all layers of \(name(entry)): no sound"
        case .untuned(let entry): return "the scale of \(name(entry)) has no pitch for this key: no sound"
        case .sameEntry(let entry): return "\(name(entry)) is already active"
        case .noSuchNote: return "no note with this key is held"
        case .noSuchParam: return "the active patch has no such parameter"
        case .noEntry: return "no patch is active yet"
        }
    }

    /// A normalized value as a 7-bit MIDI value.
    private func midi(_ normalized: Float) -> String { fixed(Double(normalized) * 127, 0) }

    private func failure(_ entry: EntryID) -> String {
        "\(name(entry)) has failed; the current patch keeps playing"
    }

    /// The parameter of a report, with the name of its patch; nil if it does not exist any more.
    private func param(_ target: EventReport.Parameter) -> (name: String, spec: ParamSpec)? {
        guard let compiled = patch(of: target.sound),
            let (param, spec) = compiled.param(at: Int(target.index))
        else { return nil }
        return ("\(compiled.patch.name): \(param)", spec)
    }

    /// The moment at which the change to `entry` happens, in words.
    private func switchTime(_ entry: EntryID) -> String {
        guard let entry = rig.entry(at: entry.index) else { return "later" }
        switch entry.switching {
        case .now: return "when it is ready"
        case .afterRelease: return "when all notes are released"
        case .beat: return "on the next beat"
        case .bar: return "on the next bar"
        }
    }

    /// The entry that a program change has selected: `Tide (program 12)`.
    func title(_ entry: EntryID) -> String { rig.entry(at: entry.index)?.title ?? "-" }

    /// The name of an entry; '-' if there is none.
    func name(_ entry: EntryID?) -> String { name(entry?.index) }

    /// The name of the entry with this index; '-' if there is none.
    func name(_ index: Int?) -> String { index.flatMap { rig.entry(at: $0) }?.name ?? "-" }

    private func patch(of sound: SoundID?) -> CompiledPatch? {
        sound.flatMap { engine.sounds.sound($0.index) }?.compiled
    }

    /// A line for reports that the player must see without the monitor; nil for all others. An applied edit is
    /// none of them: the client or the file watcher that made it has its answer already.
    func notice(_ report: Report) -> String? {
        switch report {
        case .notFinite(let module, let sound):
            guard let compiled = patch(of: sound) else { return nil }
            return
                "\(compiled.patch.name): module '\(compiled.moduleName(Int(module)))' produced "
                + "a non-finite value; its voice is muted until its next note"
        case .evicted(let entry):
            return "\(name(entry)) was faded out: it rang for too long, or its slot was needed"
        case .shortened(let entry):
            return "\(name(entry)) was faded out early: the change would have overloaded the CPU"
        case .failed(let entry): return failure(entry)
        case .event(let report):
            switch report.outcome {
            case .unknownProgram, .failedEntry, .endOfList:
                return "\(text(report.event)): \(outcome(report))"
            default: return nil
            }
        case .wanted(let entry): return "\(name(entry)) is being built; the current patch keeps playing"
        case .changed, .rangOut, .edited, .sourceGone: return nil
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
