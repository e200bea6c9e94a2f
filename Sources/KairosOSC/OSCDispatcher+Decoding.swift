import KairosControl
import KairosEngine
import Synchronization

// MIDI messages by OSC go through the decoder of the client that sent them, so they mean what they mean from a keyboard.
extension OSCDispatcher {
    /// A note-on, or with velocity 0 a note-off. [any]
    func playKey(_ key: UInt8, velocity: MIDIValue, _ channel: UInt8, _ call: OSCRequest) throws(OSCError) {
        try play(call) { decoder, give in
            let seven = Position.sevenBits(velocity.position)
            if velocity.isSevenBit || velocity.position == 0 {
                decoder.take(0x90 | channel, key, seven, give)
            } else {
                // The prefix (CC 88) belongs to this note, though it has enough bits without it.
                _ = decoder.velocity(seven, channel: channel)
                give(Event(.noteOn, channel: channel, number: UInt32(key), position: velocity.position))
            }
        }
    }

    /// A note of any pitch (a MIDI key with fractions), or with velocity 0 its end. [any]
    func playPitch(
        _ pitch: Float, key: UInt8, velocity: MIDIValue, _ channel: UInt8, _ call: OSCRequest
    ) throws(OSCError) {
        try play(call) { decoder, give in
            let fine = decoder.velocity(Position.sevenBits(velocity.position), channel: channel)
            let isFine = velocity.isSevenBit && velocity.position > 0
            give(
                Event(
                    pitch: pitch, key: key, velocity: isFine ? fine : velocity.position, channel: channel,
                    stamp: call.stamp))
        }
    }

    /// A note-off. [any]
    func releaseKey(_ key: UInt8, velocity: MIDIValue, _ channel: UInt8, _ call: OSCRequest) throws(OSCError)
    {
        try play(call) { decoder, give in
            let fine = decoder.velocity(Position.sevenBits(velocity.position), channel: channel)
            give(
                Event(
                    .noteOff, channel: channel, number: UInt32(key),
                    position: velocity.isSevenBit ? fine : velocity.position))
        }
    }

    /// A controller. [any]
    func moveController(
        _ controller: UInt8, to value: MIDIValue, _ channel: UInt8, _ call: OSCRequest
    ) throws(OSCError) {
        try play(call) { decoder, give in
            if value.isSevenBit {
                decoder.take(0xb0 | channel, controller, Position.sevenBits(value.position), give)
            } else {
                decoder.control(controller, at: value.position, channel: channel, give)
            }
        }
    }

    /// The bank that a client selected on the first channel by CC 0 and 32, 0…16 383. [any]
    func selectedBank(_ call: OSCRequest) -> Int {
        decoders.withLock { $0.decode(of: call.client) { Int($0.bank(ofChannel: 0)) } }
    }

    /// Decodes a message and plays what it means; nothing where it waits for a later one.
    private func play(_ call: OSCRequest, _ message: (inout MIDIDecoder, (Event) -> Void) -> Void)
        throws(OSCError)
    {
        var events: [Event] = []
        decoders.withLock { table in
            table.decode(of: call.client) { decoder in message(&decoder) { events.append($0) } }
        }
        for var event in events {
            event.stamp = call.stamp
            try play(event)
        }
    }
}
