import Foundation
import KairosControl
import KairosDSP
import KairosEngine

// Notes, controllers, programs: carried out where they arrive, on their frame.
extension OSCDispatcher {
    private static let channel = OSCCommand.Argument.whole("channel", 1...16)

    static let playingCommands: [OSCCommand] = [
        OSCCommand(
            "/note/on", [channel, .whole("key", 0...127), .midi("velocity")],
            "A key goes down; velocity 0 is a key that comes up.",
            example: "/note/on iii 1 60 100", plays: true
        ) { console, call in
            try console.playKey(UInt8(call.whole(1)), velocity: call.midi(2), call.channel, call)
            return []
        },
        OSCCommand(
            "/note/off", [channel, .whole("key", 0...127), .midi("velocity", optional: true)],
            "A key comes up.", example: "/note/off ii 1 60", plays: true
        ) { console, call in
            let velocity = try call.has(2) ? call.midi(2) : MIDIValue(sevenBits: 64)
            try console.releaseKey(UInt8(call.whole(1)), velocity: velocity, call.channel, call)
            return []
        },
        OSCCommand(
            "/note/hz", [channel, .number("frequency", 8...13_000), .midi("velocity")],
            "A note of any frequency in hertz. With velocity 0 the note of this frequency ends; each frequency is a note of its own.",
            answer:
                "the nearest key; where no plain note of this key sounds, /note/off with it ends the oldest of these notes",
            example: "/note/hz ifi 1 432.5 100", plays: true
        ) { console, call in
            // As a float, whatever it came as, so that the note is the same one.
            let frequency = Float(call.number(1))
            let pitch = Float(69 + 12 * log2(Double(frequency) / 440))
            let key = UInt8(min(127, max(0, pitch.rounded())))
            try console.playPitch(pitch, key: key, velocity: call.midi(2), call.channel, call)
            return [.count(Int(key))]
        },
        OSCCommand(
            "/cc", [channel, .whole("controller", 0...127), .midi("value")],
            "A controller moves. It means what it means from a keyboard, bank select, RPN, NRPN, 14-bit pairs and CC 88 included; each client has a decoder of its own.",
            example: "/cc iii 1 74 90", plays: true
        ) { console, call in
            try console.moveController(UInt8(call.whole(1)), to: call.midi(2), call.channel, call)
            return []
        },
        OSCCommand(
            "/bend", [channel, .number("bend", -1...1)], "The pitch wheel, −1 … 1.",
            example: "/bend if 1 0.5",
            plays: true
        ) { console, call in
            let part = (call.number(1) + 1) / 2
            let position = part >= 1 ? UInt32.max : UInt32(part * 4_294_967_296)
            try console.play(
                Event(.pitchBend, stamp: call.stamp, channel: call.channel, position: position))
            return []
        },
        OSCCommand(
            "/pressure", [channel, .midi("pressure"), .whole("key", 0...127, optional: true)],
            "Pressure of the channel, or of one key.", example: "/pressure ii 1 64", plays: true
        ) { console, call in
            let position = try call.midi(1).position
            try console.play(
                call.has(2)
                    ? Event(
                        .polyPressure, stamp: call.stamp, channel: call.channel,
                        number: UInt32(call.whole(2)),
                        position: position)
                    : Event(.channelPressure, stamp: call.stamp, channel: call.channel, position: position))
            return []
        },
        OSCCommand(
            "/program", [.whole("program", 0...127), .whole("bank", 0...16_383, optional: true)],
            "A program change. Without a bank it has the one that this client selected by CC 0 and 32 of channel 1.",
            example: "/program i 3", plays: true
        ) { console, call in
            let bank = call.has(1) ? call.whole(1) : console.selectedBank(call)
            guard
                console.engine.rig.entries.contains(where: {
                    $0.number == bank * 128 + call.whole(0)
                })
            else {
                throw EditError(
                    .unknownName, "no entry has program \(call.whole(0)) of bank \(bank); the sound stays",
                    name: "program \(call.whole(0))")
            }
            try console.play(
                Event(.program, stamp: call.stamp, number: UInt32(bank * 128 + call.whole(0))))
            return []
        },
        OSCCommand("/next", "One entry on.", example: "/next", plays: true) { console, call in
            try console.play(Event(.nextEntry, stamp: call.stamp))
            return []
        },
        OSCCommand("/previous", "One entry back.", example: "/previous", plays: true) { console, call in
            try console.play(Event(.previousEntry, stamp: call.stamp))
            return []
        },
        OSCCommand(
            "/panic",
            "Every sound ends within 10 ms, tails included; what a time tag has set for later still comes.",
            example: "/panic", plays: true
        ) { console, call in
            try console.play(Event(.panic, stamp: call.stamp))
            return []
        },
        OSCCommand(
            "/tempo", [.number("tempo", 20...400, optional: true)],
            "The transport's own tempo, in beats a minute; without a value it asks.", answer: "the tempo",
            example: "/tempo f 96", plays: true
        ) { console, call in
            guard call.has(0) else { return [.float(Float(console.engine.tempo))] }
            let tempo = Float(call.number(0))
            try console.play(Event(.setTempo, stamp: call.stamp, position: tempo.bitPattern))
            return [.float(tempo)]
        },
    ]
}

extension OSCRequest {
    /// From 0.
    fileprivate var channel: UInt8 { UInt8(whole(0) - 1) }
}
