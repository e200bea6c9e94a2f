import KairosControl
import KairosDSP
import Synchronization

// What events do when they fall due. Everything here runs in the audio thread.
extension EngineCore {
    /// Whether an event changes values alone: it acts at a control tick. What ends or holds notes, and what a mapping
    /// makes an action of, acts at its own frame.
    func actsOnTick(_ event: Event) -> Bool {
        switch event.kind {
        case .master, .setParam, .snapshot, .restore: true
        case .polyPressure, .channelPressure, .pitchBend, .registered, .nonRegistered: !isAction(event)
        case .control: !Self.actsAtOnce(event.number & 127) && !isAction(event)
        default: false
        }
    }

    private func isAction(_ event: Event) -> Bool {
        for index in 0..<actions.count {
            guard case .action = actions[index].effect else { continue }
            if surface[Int(actions[index].control)].part(of: event) != nil { return true }
        }
        return false
    }

    private static func actsAtOnce(_ controller: UInt32) -> Bool {
        controller == 64 || controller == 66 || controller == 69 || controller >= 120
    }

    mutating func perform(_ event: Event, at frame: Int) {
        let address = address(event)
        var report = Report(kind: .event, event: event)
        report.frame = frame
        report.part = UInt8(part(of: address.home))
        switch event.kind {
        case .noteOn, .noteOnPitch: noteOn(event, address, frame, &report)
        case .noteOff, .noteOffPitch: noteOff(event, address, frame, &report)
        case .polyPressure: polyPressure(event, address, frame, &report)
        case .channelPressure:
            let value = NormalizedValue.fraction(event.normalized)
            lines[address.line].now.pressure = value
            later(.channel(.pressure, line: address.line), value, frame)
            map(event, address, frame, &report)
        case .pitchBend:
            let bend = NormalizedValue.fraction(event.normalized) * 2 - 1
            lines[address.line].now.bend = bend
            later(.channel(.bend, line: address.line), bend, frame)
            map(event, address, frame, &report)
        case .control: control(event, address, frame, &report)
        case .registered, .nonRegistered: parameter(event, address, frame, &report)
        case .program: program(event, &report)
        case .sourceGone:
            notes.forget(source: event.source)
            liftFeet(of: event.source)
            zones[Int(event.source) & (Event.sourceLimit - 1)] = Zones()
            endReleased()
            report.kind = .sourceGone
        case .panic: panic()
        case .reset: reset(frame)
        case .master: master(event, frame)
        case .tuneKey, .tuneOctave: tune(event, frame)
        case .nextEntry, .previousEntry, .selectEntry, .tapTempo, .startStop:
            act(event.kind, event.number, Int(report.part), &report)
        case .clock, .start, .resume, .stop, .songPosition: return move(event)
        case .setTempo:
            transport.setTempo(Double(Float(bitPattern: event.normalized)), at: clock)
            report.outcome = .tempo
            report.value = Float(transport.ownTempo)
        case .setParam: setParam(event, frame, &report)
        case .snapshot: return copyValues()
        case .restore: takeSettings(frame)
        }
        meters.pointee.touches.add(1, ordering: .releasing)
        if parts[Int(report.part)].waitsForMoment { settleMoments() }
        self.report(report)
    }

    private mutating func move(_ event: Event) {
        switch event.kind {
        case .clock: transport.advance(at: clock, from: event.source)
        case .start: transport.start()
        case .resume: transport.resume()
        case .stop: transport.stop()
        default: transport.locate(sixteenths: Int(event.number))
        }
        settleMoments()
    }

    /// The instrument's own volume, balance and tuning (CA-025).
    private mutating func master(_ event: Event, _ frame: Int) {
        let value = NormalizedValue.fraction(event.normalized)
        switch event.number {
        case 0: later(.master(.volume), value, frame)
        case 1: later(.master(.balance), value, frame)
        default:
            if event.number == 2 { masterFine = 2 * value - 1 }
            // Of the coarse tuning the upper 7 bits count, whole semitones from 64.
            if event.number == 3 { masterCoarse = Float(NormalizedValue.sevenBits(event.normalized)) - 64 }
            later(.master(.tuning), masterFine + masterCoarse, frame)
        }
    }

    /// As at the start: notes ended, pedals up, controllers, zones and tunings at rest.
    private mutating func reset(_ frame: Int) {
        notes.clear()
        for index in 0..<slotEnd { slots[index].core?.pointee.voices.fadeAll(lines: .all) }
        for line in 0..<Self.lineCount { lines[line] = Line() }
        for source in 0..<Event.sourceLimit { zones[source] = Zones() }
        // What is known of 14-bit pairs; where the controls stand is not a message's to say.
        for control in 0..<surface.count { memories[control].pair = PairDecoder() }
        for key in 0..<128 * 128 { tunings[key] = .nan }
        areTuningsNew = true
        masterFine = 0
        masterCoarse = 0
        later(.master(.tuning), 0, frame)
        later(.master(.volume), 1, frame)
        later(.master(.balance), 0.5, frame)
        for strip in 0..<Self.stripCount {
            later(.strip(.volume, strip), 1, frame)
            later(.strip(.pan, strip), 0.5, frame)
            later(.strip(.expression, strip), 1, frame)
        }
    }
}
