import KairosControl
import KairosDSP
import KairosEngine

/// Events and reports in words.
struct Telling {
    let repertoire: Repertoire

    /// What came in.
    func text(_ event: Event) -> String {
        let channel = "ch \(event.channel + 1)"
        let value = Position.sevenBits(event.position)
        switch event.kind {
        case .noteOn: return "note \(note(event.number)) on, velocity \(value), \(channel)"
        case .noteOff: return "note \(note(event.number)) off, \(channel)"
        case .polyPressure: return "pressure \(value) on \(note(event.number)), \(channel)"
        case .channelPressure: return "pressure \(value), \(channel)"
        case .control: return "cc \(event.number) = \(value), \(channel)"
        case .pitchBend: return "bend \(Int(event.position >> 18) - 8192), \(channel)"
        case .program:
            return "program \(event.number % 128)"
                + (event.number >= 128 ? " of bank \(event.number / 128)" : "") + ", \(channel)"
        case .sourceGone: return "a device is gone: its notes and pedals were let go"
        case .panic: return "panic"
        case .nextEntry: return "next"
        case .previousEntry: return "previous"
        case .selectEntry: return "entry \(name(Int32(event.number)))"
        case .clock: return "clock"
        case .start: return "start"
        case .resume: return "continue"
        case .stop: return "stop"
        case .songPosition: return "song position \(event.number)"
        }
    }

    private func note(_ number: UInt32) -> String {
        let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
        return "\(names[Int(number) % 12])\(Int(number) / 12 - 1) (\(number))"
    }

    /// What became of it.
    func outcome(_ report: Report) -> String {
        switch report.outcome {
        case .performed: return report.entry >= 0 ? "plays \(name(report.entry))" : "done"
        case .mapped:
            guard let compiled = sound(report), let (param, spec) = compiled.param(at: Int(report.index))
            else {
                return "moved a parameter"
            }
            return "\(compiled.patch.name): \(param) = \(spec.display(report.value))"
        case .gated: return "\(name(report.entry)): gate \(report.value >= 0.5 ? "high" : "low")"
        case .unmapped: return "nothing listens to it: no control of the mapping fits this patch"
        case .unknownProgram: return "no entry has this number: the sound stays"
        case .brokenEntry: return "\(name(report.entry)) is broken: the sound stays"
        case .endOfList: return "there is no entry there: the sound stays"
        case .waits: return "\(name(report.entry)) comes \(moment(report.entry))"
        case .outside: return "outside every part of \(name(report.entry)): nothing plays"
        case .sameEntry: return "\(name(report.entry)) plays already"
        case .noSuchNote: return "no note of this key is held"
        case .noEntry: return "no patch sounds yet"
        }
    }

    private func moment(_ entry: Int32) -> String {
        guard repertoire.entries.indices.contains(Int(entry)) else { return "later" }
        switch repertoire.entries[Int(entry)].switching {
        case .now: return "when it is built"
        case .afterRelease: return "when no note is held"
        case .beat: return "on the next beat"
        case .bar: return "on the next bar"
        }
    }

    /// The name of an entry.
    func name(_ entry: Int32) -> String {
        repertoire.entries.indices.contains(Int(entry)) ? repertoire.entries[Int(entry)].name : "-"
    }

    private func sound(_ report: Report) -> CompiledPatch? {
        repertoire.sounds.indices.contains(Int(report.sound))
            ? repertoire.sounds[Int(report.sound)].compiled : nil
    }

    /// What the player must know without asking, or nil.
    func line(_ report: Report) -> String? {
        switch report.kind {
        case .notFinite:
            guard let compiled = sound(report) else { return nil }
            return
                "\(compiled.patch.name): module '\(compiled.moduleName(Int(report.index)))' made something that is no number; its voice is silent until its next note"
        case .evicted: return "\(name(report.entry)) was faded out: it rang too long, or room was needed"
        case .shortened:
            return "\(name(report.entry)) was cut short: the change would have been too much for this machine"
        case .broken: return "\(name(report.entry)) is broken; the old sound plays on"
        case .event
        where report.outcome == .unknownProgram || report.outcome == .brokenEntry
            || report.outcome == .endOfList:
            return "\(text(report.event)): \(outcome(report))"
        case .wanted: return "\(name(report.entry)) is being built; the old sound plays on"
        default: return nil
        }
    }
}
