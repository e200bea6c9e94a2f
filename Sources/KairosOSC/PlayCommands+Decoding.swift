import KairosControl
import KairosEngine
import Synchronization

// Notes and controllers go through the client's MIDI decoder, so that they mean the same as from a
// keyboard.
extension PlayCommands {
    /// Plays a note-on, or with velocity 0 a note-off. Throws `busy`.
    func noteOn(
        _ key: UInt8, velocity: MIDIValue, _ channel: UInt8, _ request: OSCRequest
    ) throws(OSCError) {
        try decode(request) { decoder, emit in
            let seven = NormalizedValue.sevenBits(velocity.normalized)
            if velocity.isSevenBit || velocity.normalized == 0 {
                decoder.decode(0x90 | channel, key, seven, emit)
            } else {
                // Consumes a velocity prefix (CC 88), which belongs to this note though its velocity is fine
                // already.
                _ = decoder.velocity(seven, channel: channel)
                emit(Event(.noteOn(key: key, velocity: velocity.normalized), channel: channel))
            }
        }
    }

    /// Plays a note of any pitch (a MIDI note number with fraction), or with velocity 0 ends it. Throws
    /// `busy`.
    func noteOn(
        pitch: Float, key: UInt8, velocity: MIDIValue, _ channel: UInt8, _ request: OSCRequest
    ) throws(OSCError) {
        try decode(request) { decoder, emit in
            let fine = decoder.velocity(NormalizedValue.sevenBits(velocity.normalized), channel: channel)
            let usesPrefix = velocity.isSevenBit && velocity.normalized > 0
            emit(
                Event(
                    pitch: pitch, key: key, velocity: usesPrefix ? fine : velocity.normalized,
                    channel: channel, stamp: request.stamp))
        }
    }

    /// Plays a note-off. Throws `busy`.
    func noteOff(
        _ key: UInt8, velocity: MIDIValue, _ channel: UInt8, _ request: OSCRequest
    ) throws(OSCError) {
        try decode(request) { decoder, emit in
            let fine = decoder.velocity(NormalizedValue.sevenBits(velocity.normalized), channel: channel)
            emit(
                Event(
                    .noteOff(key: key, velocity: velocity.isSevenBit ? fine : velocity.normalized),
                    channel: channel))
        }
    }

    /// Plays a control change. Throws `busy`.
    func controlChange(
        _ controller: UInt8, to value: MIDIValue, _ channel: UInt8, _ request: OSCRequest
    ) throws(OSCError) {
        try decode(request) { decoder, emit in
            if value.isSevenBit {
                decoder.decode(0xb0 | channel, controller, NormalizedValue.sevenBits(value.normalized), emit)
            } else {
                decoder.control(controller, at: value.normalized, channel: channel, emit)
            }
        }
    }

    /// The bank that the client selected on the first channel with CC 0 and CC 32, 0…16 383.
    func selectedBank(_ request: OSCRequest) -> Int {
        dispatcher.decoders.withLock { $0.decode(of: request.client) { Int($0.bank(ofChannel: 0)) } }
    }

    /// Runs `body` with the client's decoder, and plays the events that it emits. A message that is only the
    /// beginning of a parameter change emits none.
    private func decode(_ request: OSCRequest, _ body: (inout MIDIDecoder, (Event) -> Void) -> Void)
        throws(OSCError)
    {
        var events: [Event] = []
        dispatcher.decoders.withLock { table in
            table.decode(of: request.client) { decoder in body(&decoder) { events.append($0) } }
        }
        for var event in events {
            event.stamp = request.stamp
            try dispatcher.inputs.play(event)
        }
    }
}
