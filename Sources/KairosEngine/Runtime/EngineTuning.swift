import KairosControl
import KairosDSP

// Which pitch a key has. Everything here runs in the audio thread.
extension EngineCore {
    /// The key that gives a key of a part its pitch, so that a scale stays where it is.
    func transposed(_ key: UInt8, _ part: Float) -> Int { Int(key) + transpose + Int(part) }

    /// Semitones: by tuning messages where there were any, else by the sound's scale. Not a number where the
    /// scale has no pitch for the key. Beyond the 128 keys, equal temperament goes on.
    func pitch(
        _ key: Int, _ address: Address, _ core: UnsafeMutablePointer<InstanceCore>
    ) -> Float {
        let own = lines[address.line], line = address.master >= 0 ? lines[address.master] : own
        var pitch = Float(key)
        if (0..<128).contains(key) {
            let told = tunings[Int(line.tuningProgram) * 128 + key]
            pitch = told.isNaN ? core.pointee.scale[key] : told
        }
        let name = ((key % 12) + 12) % 12
        return pitch + line.octave[name] + tune
    }

    /// A tuning message: notes that begin after it have the new pitch; those that sound move with it where the
    /// message is a real-time one (MIDI Tuning Standard).
    mutating func tune(_ event: Event, _ frame: Int) {
        switch event.kind {
        case .tuneKey:
            let place = Int(event.number) & (128 * 128 - 1)
            let semitones = Float(Double(event.normalized) / 16_384)
            let key = UInt8(place & 127), program = UInt8(place >> 7)
            for line in 0..<Self.lineCount where event.detail == 1 && lines[line].tuningProgram == program {
                retune(key, UInt8(line), semitones)
            }
            tunings[place] = semitones
            areTuningsNew = true
        default:
            let offset = Float((Double(event.normalized) - Double(NormalizedValue.centre)) / 16_384)
            let name = Int(event.number) % 12
            for line in 0..<16 where event.detail >> UInt32(line) & 1 == 1 {
                if event.detail >> 16 & 1 == 1 {
                    for key in stride(from: name, to: 128, by: 12) {
                        move(UInt8(key), UInt8(line), by: offset - lines[line].octave[name])
                    }
                }
                lines[line].octave[name] = offset
            }
        }
    }

    private func retune(_ key: UInt8, _ line: UInt8, _ semitones: Float) {
        let told = tunings[Int(lines[Int(line)].tuningProgram) * 128 + Int(key)]
        for index in 0..<slotEnd {
            guard let core = slots[index].core else { continue }
            let before = told.isNaN ? core.pointee.scale[Int(key)] : told
            guard !before.isNaN else { continue }
            core.pointee.voices.retune(key: key, line: line, by: semitones - before, frames: controlGlide)
        }
    }

    private func move(_ key: UInt8, _ line: UInt8, by semitones: Float) {
        guard semitones != 0 else { return }
        for index in 0..<slotEnd {
            slots[index].core?.pointee.voices.retune(
                key: key, line: line, by: semitones, frames: controlGlide)
        }
    }
}
