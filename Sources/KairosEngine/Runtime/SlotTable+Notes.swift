import KairosControl
import KairosDSP

// Changes of sounding notes in all slots. [audio]
extension SlotTable {
    /// Ends all notes with a short fade.
    func fadeAllNotes() {
        for index in 0..<end {
            stopStages(of: index)
            self[index].core?.pointee.voices.fadeAll(channelStates: .all)
        }
    }

    /// Ends the note stages of a slot at once. What they have started is to be faded.
    func stopStages(of index: Int) {
        if let core = self[index].core { core.pointee.stages.stop(core.pointee.modules) }
    }

    /// Sets the key pressure of one note, 0…1.
    func setPressure(_ note: UInt32, to value: Float, _ clock: EngineClock) {
        for index in 0..<end {
            self[index].core?.pointee.voices.setPressure(note, to: value, frames: clock.controlRamp)
        }
    }

    /// Gives the notes of a channel state its new bend, pressure, timbre or tuning.
    func touch(
        _ state: Int, _ kind: ControlTarget.Channel, _ channels: borrowing MIDIChannels,
        _ notes: borrowing NoteRouter, _ clock: EngineClock
    ) {
        let master = channels.master(of: state)
        for index in 0..<end {
            guard let core = self[index].core else { continue }
            // A ringing slot follows its channel while one of its keys is still down; tunings reach every slot.
            guard
                self[index].phase == .active || kind == .tuning || notes.holdsKey(slot: index, state: state)
            else { continue }
            let touch = channels.touch(
                state, master, range: core.pointee.voices.voicing.bendRange, isNew: false)
            let isPitch = kind == .bend || kind == .bendRange || kind == .tuning
            core.pointee.voices.touch(
                channelState: UInt8(state), offset: isPitch ? touch.offset : nil,
                bend: kind == .bend ? touch.bend : nil,
                pressure: kind == .pressure ? touch.pressure : nil,
                timbre: kind == .timbre ? touch.timbre : nil, frames: clock.controlRamp)
        }
    }

    /// Retunes the sounding notes of a key from a pitch in semitones, or from the scale of their patch where `from`
    /// is nil.
    func retune(key: UInt8, state: Int, from: Float?, to semitones: Float, _ clock: EngineClock) {
        for index in 0..<end {
            guard let core = self[index].core else { continue }
            guard let before = from ?? core.pointee.schedule.scale[Int(key)] else { continue }
            core.pointee.voices.retune(
                key: key, channelState: UInt8(state), by: semitones - before, frames: clock.controlRamp)
        }
    }

    /// Moves the sounding notes of a key by `semitones`.
    func retune(key: UInt8, state: Int, by semitones: Float, _ clock: EngineClock) {
        for index in 0..<end {
            self[index].core?.pointee.voices.retune(
                key: key, channelState: UInt8(state), by: semitones, frames: clock.controlRamp)
        }
    }
}
