import KairosControl
import KairosDSP

// Controllers, mode messages and registered parameters. Everything here runs in the audio thread.
extension EngineCore {
    mutating func control(_ event: Event, _ address: Address, _ frame: Int, _ report: inout Report) {
        let number = Int(event.number & 127), line = address.line
        let value = NormalizedValue.fraction(event.normalized)
        lines[line].positions[number] = event.normalized
        lines[line].known[number] = true
        let isFinger = address.master >= 0
        switch number {
        case 7, 10, 11:
            // A mapping that listens to it wins: what it is by the standard, it then is not.
            var told = report
            guard !map(event, address, frame, &told), told.outcome != .echo else {
                report = told
                return
            }
            let kind: ControlTarget.Strip = number == 7 ? .volume : number == 10 ? .pan : .expression
            later(.strip(kind, Int(address.home)), value, frame)
            // In one part for all channels, what hears any channel hears this one.
            if !multi { later(.strip(kind, Self.stripCount - 1), value, frame) }
        case 74:
            lines[line].now.timbre = value
            later(.channel(.timbre, line: line), value, frame)
            // A finger's own is no knob.
            if !isFinger { map(event, address, frame, &report) }
        // Pedals and modes are the whole zone's and come on its first channel (MPE 1.1, 2.3).
        case 5, 64...69, 84, 120...127:
            guard !isFinger else {
                report.outcome = .unmapped
                return
            }
            if number >= 120 { return mode(event, address, frame) }
            pedal(number, event, address, frame)
            map(event, address, frame, &report)
        default: map(event, address, frame, &report)
        }
    }

    // MARK: pedals

    private mutating func pedal(_ number: Int, _ event: Event, _ address: Address, _ frame: Int) {
        let isDown = event.normalized >= NormalizedValue.centre
        switch number {
        case 64: sustain(event, address)
        case 66:
            notes.setSostenuto(isDown, source: event.source, channel: address.home)
            endReleased()
        case 69:
            notes.setHold(isDown, source: event.source, channel: address.home)
            endReleased()
        case 67, 68: lines[address.line].footSources[number - 67] = event.source
        case 84: lines[address.line].portamentoKey = NormalizedValue.sevenBits(event.normalized)
        default: break
        }
    }

    /// On a half-pedal the first quarter of the way is up and the last quarter down; between, the damper
    /// touches the strings and what the pedal alone holds dies away in 6 … 0.15 s.
    private mutating func sustain(_ event: Event, _ address: Address) {
        let rule = keyboard(event.source), source = Int(event.source) & (Event.sourceLimit - 1)
        var depth = NormalizedValue.fraction(event.normalized)
        var isInverted = rule.polarity == .inverted
        if rule.polarity == .auto {
            // Nothing was heard of it before: what it leaves now is how it rests.
            if zones[source].pedalRest == 0 { zones[source].pedalRest = depth < 0.5 ? 1 : -1 }
            isInverted = zones[source].pedalRest == 1
        }
        if isInverted { depth = 1 - depth }
        lines[address.line].positions[64] = isInverted ? ~event.normalized : event.normalized
        let isHalf = rule.hasHalfPedal && depth > 0.25 && depth < 0.75
        lines[address.line].damping =
            isHalf ? Int(6 * exp2Precise(-5.32 * (0.75 - depth) * 2) * sampleRate) : 0
        notes.setSustain(
            isHalf || (rule.hasHalfPedal ? depth >= 0.75 : depth >= 0.5), source: event.source,
            channel: address.home)
        endReleased()
        if rule.hasHalfPedal { dampHeld(address.home) }
    }

    // MARK: modes

    private mutating func mode(_ event: Event, _ address: Address, _ frame: Int) {
        switch event.number & 127 {
        case 120: allSoundOff(event, address)
        case 121: resetControllers(event, address, frame)
        case 122: break
        default:
            if event.number & 127 == 126 { lines[address.line].isMono = true }
            if event.number & 127 == 127 { lines[address.line].isMono = false }
            notes.allKeysUp(lines(of: event, address))
            endReleased()
        }
    }

    /// CC 121: wheels, pressure, modulation, expression and pedals go back to rest; volume, pan, program, sound
    /// controllers and tunings stay (RP-015). Legato and hold 2, which RP-015 does not name, are pedals too.
    private mutating func resetControllers(_ event: Event, _ address: Address, _ frame: Int) {
        let line = address.line
        lines[line].portamentoKey = nil
        lines[line].now.bend = 0
        lines[line].now.pressure = 0
        later(.channel(.bend, line: line), 0, frame)
        later(.channel(.pressure, line: line), 0, frame)
        for index in 0..<notes.count where Int(notes[index].channelState) == line {
            later(.notePressure(notes[index].serial), 0, frame)
        }
        rest(event, 1, 0, frame)
        rest(event, 11, .max, frame)
        for pedal: UInt32 in 64...69 where lines[line].known[Int(pedal)] {
            if pedal == 64 {
                notes.setSustain(false, source: event.source, channel: address.home)
                lines[line].positions[64] = 0
                lines[line].damping = 0
                endReleased()
            } else {
                rest(event, pedal, 0, frame)
            }
        }
    }

    private mutating func rest(_ event: Event, _ number: UInt32, _ normalized: UInt32, _ frame: Int) {
        var event = event
        event.number = number
        event.normalized = normalized
        var report = Report(kind: .event, event: event)
        control(event, address(event), frame, &report)
    }

    // MARK: registered parameters

    mutating func parameter(_ event: Event, _ address: Address, _ frame: Int, _ report: inout Report) {
        guard event.kind == .registered else {
            map(event, address, frame, &report)
            return
        }
        switch event.parameter {
        case 0: bendRange(event, address, frame)
        case 1, 2: channelTuning(event, address, frame)
        case 3:
            let program = lines[address.line].tuningProgram
            lines[address.line].tuningProgram = UInt8(changed(UInt32(program), event, coarse: true))
        case 6 where event.part == .coarse || event.part == .whole: configure(event)
        default: map(event, address, frame, &report)
        }
    }

    /// One half (7 bits) of a value after a message about it; `coarse` says which half it is. A coarse half puts the fine
    /// one to 0 (MIDI 1.0), as it does with controllers of 14 bits.
    private func changed(_ value: UInt32, _ event: Event, coarse: Bool) -> UInt32 {
        switch event.part {
        case .coarse: coarse ? event.normalized >> 25 : 0
        case .fine: coarse ? value : event.normalized >> 25
        case .whole: coarse ? event.normalized >> 25 : event.normalized >> 18 & 127
        case .increment: min(127, value + 1)
        case .decrement: value - min(1, value)
        }
    }

    /// RPN 0: semitones, and cents below them; a step is a semitone. A finger's is all fingers' of its zone.
    private mutating func bendRange(_ event: Event, _ address: Address, _ frame: Int) {
        let line = lines[address.line]
        let semitones = Float(changed(UInt32(line.rangeSemitones), event, coarse: true))
        let isStep = event.part == .increment || event.part == .decrement
        let cents =
            isStep ? line.rangeCents : Float(changed(UInt32(line.rangeCents), event, coarse: false))
        let range = semitones + cents / 100
        for other in 0..<Self.lineCount
        where other == address.line || (address.master >= 0 && master(of: other) == address.master) {
            lines[other].rangeSemitones = semitones
            lines[other].rangeCents = cents
            lines[other].now.range = range
            later(.channel(.bendRange, line: other), range, frame)
        }
    }

    /// RPN 1: a semitone to each side in 14 bits. RPN 2: semitones from 64.
    private mutating func channelTuning(_ event: Event, _ address: Address, _ frame: Int) {
        let line = lines + address.line
        if event.parameter == 1 {
            var value = line.pointee.fineTuning
            switch event.part {
            case .coarse: value = (event.normalized >> 25) << 7
            case .fine: value = value & ~127 | event.normalized >> 25
            case .whole: value = event.normalized >> 18
            case .increment: value = min(16_383, value + 1)
            case .decrement: value -= min(1, value)
            }
            line.pointee.fineTuning = value
        } else {
            let semitones = UInt32(line.pointee.coarseTuning + 64)
            line.pointee.coarseTuning = Float(changed(semitones, event, coarse: true)) - 64
        }
        line.pointee.now.tuning = line.pointee.channelTuning
        later(.channel(.tuning, line: address.line), line.pointee.channelTuning, frame)
    }

    /// RPN 6 on the first or the last channel: an MPE zone of so many fingers.
    private mutating func configure(_ event: Event) {
        let channel = event.channel & 15
        guard channel == 0 || channel == 15 else { return }
        let source = Int(event.source) & (Event.sourceLimit - 1)
        // What it holds, pedals too, belongs to channels that now mean something else.
        notes.forget(source: event.source)
        endReleased()
        zones[source].isKnown = true
        setZone(source, isLower: channel == 0, members: UInt8(event.normalized >> 25))
    }
}
