import KairosControl
import KairosDSP
import KairosEngine

/// Events and reports in words.
struct Telling {
    let compiled: [CompiledPatch]

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
            guard compiled.indices.contains(Int(report.entry)),
                let (param, spec) = compiled[Int(report.entry)].param(at: Int(report.index))
            else { return "moved a parameter" }
            return "\(name(report.entry)): \(param) = \(spec.display(report.value))"
        case .gated: return "\(name(report.entry)): gate \(report.value >= 0.5 ? "high" : "low")"
        case .unmapped: return "nothing listens to it: no control of the mapping fits this patch"
        case .unknownProgram: return "no patch has this number: the sound stays"
        case .sameEntry: return "\(name(report.entry)) plays already"
        case .noSuchNote: return "no note of this key is held"
        case .noEntry: return "no patch sounds yet"
        }
    }

    /// The name of an entry.
    func name(_ entry: Int32) -> String {
        compiled.indices.contains(Int(entry)) ? compiled[Int(entry)].patch.name : "-"
    }

    /// What the player must know without asking, or nil.
    func line(_ report: Report) -> String? {
        switch report.kind {
        case .notFinite:
            guard compiled.indices.contains(Int(report.entry)) else { return nil }
            return
                "\(name(report.entry)): module '\(compiled[Int(report.entry)].moduleName(Int(report.index)))' made something that is no number; its voice is silent until its next note"
        case .evicted: return "\(name(report.entry)) was faded out: it rang too long, or room was needed"
        case .event where report.outcome == .unknownProgram:
            return "\(text(report.event)): \(outcome(report))"
        case .wanted: return "\(name(report.entry)) is being built; the old sound plays on"
        default: return nil
        }
    }
}
