import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession

/// Commands that play: notes, controllers, program changes, tempo. The receiving thread runs them at once, so
/// that each event acts at the frame of its time stamp.
struct PlayCommands: CommandGroup {
    let dispatcher: OSCDispatcher

    init(_ dispatcher: OSCDispatcher) { self.dispatcher = dispatcher }

    private static let channel = OSCCommand.Argument.whole("channel", 1...16)

    static let commands: [OSCCommand] = [
        command(
            "/note/on", [channel, .whole("key", 0...127), .midi("velocity")],
            "Note-on; with velocity 0 a note-off.",
            example: "/note/on iii 1 60 100", isRealTime: true
        ) { group, request in
            try group.noteOn(
                UInt8(request.whole(1)), velocity: request.midi(2), request.channel, request)
            return []
        },
        command(
            "/note/off", [channel, .whole("key", 0...127), .midi("velocity", optional: true)],
            "Note-off. The velocity is 64 if there is none.", example: "/note/off ii 1 60", isRealTime: true
        ) { group, request in
            let velocity = try request.has(2) ? request.midi(2) : MIDIValue(sevenBits: 64)
            try group.noteOff(UInt8(request.whole(1)), velocity: velocity, request.channel, request)
            return []
        },
        command(
            "/note/hz", [channel, .number("frequency", 8...13_000), .midi("velocity")],
            "Note-on at any frequency in hertz. Velocity 0 ends the note of this frequency. Different frequencies are separate notes, even next to the same key.",
            answer:
                "the nearest key; if no plain note of this key sounds, /note/off with it ends the oldest of these notes",
            example: "/note/hz ifi 1 432.5 100", isRealTime: true
        ) { group, request in
            // Rounded to a float whatever its type, so that the note's end finds the same pitch.
            let frequency = Float(request.number(1))
            let pitch = Float(69 + 12 * log2(Double(frequency) / 440))
            let key = UInt8(min(127, max(0, pitch.rounded())))
            try group.noteOn(pitch: pitch, key: key, velocity: request.midi(2), request.channel, request)
            return [.count(Int(key))]
        },
        command(
            "/cc", [channel, .whole("controller", 0...127), .midi("value")],
            "Control change. It means what it means from a keyboard, including bank select, RPN, NRPN, 14-bit pairs and CC 88. Each client has its own decoder.",
            example: "/cc iii 1 74 90", isRealTime: true
        ) { group, request in
            try group.controlChange(UInt8(request.whole(1)), to: request.midi(2), request.channel, request)
            return []
        },
        command(
            "/bend", [channel, .number("bend", -1...1)], "Pitch bend, −1 … 1.",
            example: "/bend if 1 0.5",
            isRealTime: true
        ) { group, request in
            let unipolar = (request.number(1) + 1) / 2
            let normalized = unipolar >= 1 ? UInt32.max : UInt32(unipolar * 4_294_967_296)
            try group.dispatcher.inputs.play(
                Event(.pitchBend(normalized), stamp: request.stamp, channel: request.channel))
            return []
        },
        command(
            "/pressure", [channel, .midi("pressure"), .whole("key", 0...127, optional: true)],
            "Channel pressure; with a key, polyphonic key pressure.", example: "/pressure ii 1 64",
            isRealTime: true
        ) { group, request in
            let value = try request.midi(1).normalized
            let message: Event.Message =
                request.has(2)
                ? .polyPressure(key: UInt8(request.whole(2)), value: value) : .channelPressure(value)
            try group.dispatcher.inputs.play(
                Event(message, stamp: request.stamp, channel: request.channel))
            return []
        },
        command(
            "/program", [.whole("program", 0...127), .whole("bank", 0...16_383, optional: true)],
            "Program change. Without a bank, it uses the bank that this client selected with CC 0 and CC 32 on channel 1.",
            example: "/program i 3", isRealTime: true
        ) { group, request in
            let bank = request.has(1) ? request.whole(1) : group.selectedBank(request)
            guard
                group.dispatcher.engine.rig.entries.contains(where: {
                    $0.number == bank * 128 + request.whole(0)
                })
            else {
                throw EditError(
                    .unknownName,
                    "no entry has program \(request.whole(0)) in bank \(bank); the entry is not changed",
                    name: "program \(request.whole(0))")
            }
            try group.dispatcher.inputs.play(
                Event(.program(UInt32(bank * 128 + request.whole(0))), stamp: request.stamp))
            return []
        },
        command("/next", "Next entry.", example: "/next", isRealTime: true) { group, request in
            try group.dispatcher.inputs.play(Event(.nextEntry, stamp: request.stamp))
            return []
        },
        command("/previous", "Previous entry.", example: "/previous", isRealTime: true) { group, request in
            try group.dispatcher.inputs.play(Event(.previousEntry, stamp: request.stamp))
            return []
        },
        command(
            "/panic",
            "Silences everything within 10 ms, tails included. Commands that wait for a time tag are still carried out.",
            example: "/panic", isRealTime: true
        ) { group, request in
            try group.dispatcher.inputs.play(Event(.panic, stamp: request.stamp))
            return []
        },
        command(
            "/tempo", [.number("tempo", 20...400, optional: true)],
            "Sets the transport's own tempo, in beats per minute; without a value, returns it.",
            answer: "the tempo",
            example: "/tempo f 96", isRealTime: true
        ) { group, request in
            guard request.has(0) else { return [.float(Float(group.dispatcher.engine.tempo))] }
            let tempo = Float(request.number(0))
            try group.dispatcher.inputs.play(Event(.setTempo(tempo), stamp: request.stamp))
            return [.float(tempo)]
        },
    ]
}

extension OSCRequest {
    /// The MIDI channel, 0…15; the first value is the channel from 1.
    fileprivate var channel: UInt8 { UInt8(whole(0) - 1) }
}
