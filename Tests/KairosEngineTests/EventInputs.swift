import CALSA
import KairosCompiler
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles
import KairosSession
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

/// An event input. The statements of Tests/midi.md hold for each of them: suites and tests with the trait
/// `everyInput` run once with events, and once through each input.
enum EventInput: String, CaseIterable, Sendable {
    /// Bytes with running status, as RtMidi delivers them.
    case bytes
    /// Events of the ALSA sequencer, as the kernel makes them of bytes.
    case sequencer
    /// A Standard MIDI File.
    case file
    /// OSC messages.
    case osc

    /// A message and its index among those of its source.
    typealias Message = (index: Int, bytes: [UInt8])

    /// Events of the messages of one source, each with the index of its message. A message that this input has no
    /// form for goes through another input.
    func events(_ messages: [Message]) -> [(index: Int, event: Event)] {
        let (own, others) = (messages.filter(carries), messages.filter { !carries($0) })
        let decoded: [(index: Int, event: Event)] =
            switch self {
            case .bytes: Self.throughBytes(own)
            case .sequencer: Self.throughSequencer(own)
            case .file: Self.throughFile(own)
            case .osc: Self.throughOSC(own)
            }
        let rest = others.flatMap { Self.throughBytes([$0]) }
        return (decoded + rest).enumerated().sorted {
            ($0.element.index, $0.offset) < ($1.element.index, $1.offset)
        }.map(\.element)
    }

    private func carries(_ message: Message) -> Bool {
        let status = message.bytes[0]
        switch self {
        case .bytes, .sequencer: return true
        case .file: return status <= 0xf0
        // A program change by OSC has no channel.
        case .osc: return status < 0xf0 && (status & 0xf0 != 0xc0 || status == 0xc0)
        }
    }

    private static func throughBytes(_ messages: [Message]) -> [(index: Int, event: Event)] {
        var decoder = MIDIDecoder(), running: UInt8 = 0, events: [(Int, Event)] = []
        for message in messages {
            let status = message.bytes[0]
            for byte in status == running ? message.bytes.dropFirst() : message.bytes[...] {
                decoder.decode(byte) { events.append((message.index, $0)) }
            }
            if status < 0xf8 { running = status < 0xf0 ? status : 0 }
        }
        return events
    }

    private static func throughSequencer(_ messages: [Message]) -> [(index: Int, event: Event)] {
        var encoder: OpaquePointer?
        snd_midi_event_new(1024, &encoder)
        defer { snd_midi_event_free(encoder) }
        var decoder = SequencerDecoder(), events: [(Int, Event)] = []
        for message in messages {
            var rest = message.bytes[...]
            while !rest.isEmpty {
                var event = snd_seq_event_t()
                let taken = Array(rest).withUnsafeBufferPointer {
                    snd_midi_event_encode(encoder, $0.baseAddress, $0.count, &event)
                }
                guard taken > 0 else { break }
                rest = rest.dropFirst(taken)
                decoder.decode(event) { events.append((message.index, $0)) }
            }
        }
        return events
    }

    /// One tick is one index and one millisecond.
    private static func throughFile(_ messages: [Message]) -> [(index: Int, event: Event)] {
        func variable(_ value: Int) -> [UInt8] {
            let low = UInt8(value & 127)
            return value < 128 ? [low] : variable(value >> 7).map { $0 | 128 } + [low]
        }
        func word(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(value >> (8 * $0) & 255) }
        }
        var track: [UInt8] = [0, 0xff, 0x51, 3] + word(1_000_000, 3), now = 0
        for message in messages {
            track += variable(message.index - now)
            now = message.index
            track +=
                message.bytes[0] == 0xf0
                ? [0xf0] + variable(message.bytes.count - 1) + message.bytes.dropFirst() : message.bytes
        }
        track += [10, 0xff, 0x2f, 0]
        let file =
            Array("MThd".utf8) + word(6, 4) + word(0, 2) + word(1, 2) + word(1000, 2)
            + Array("MTrk".utf8) + word(track.count, 4) + track
        guard let song = try? StandardMIDIFile.parse(file, file: "score.mid") else { return [] }
        // The notes that the end of a file releases do not belong to the score.
        return song.events.map { (Int($0.stamp / 1_000_000), $0) }.filter { $0.0 <= now }
    }

    private static let console: Mutex<OSCDispatcher?> = Mutex(nil)
    private static let clients = Atomic<Int>(0)

    private static func makeConsole() -> OSCDispatcher {
        let engine = Engine(EngineSetup(rig: (try? Timeline.plain()) ?? Rig([Sound]())))
        let loader = Loader(engine)
        return OSCDispatcher(
            engine, editor: PatchEditor(engine.sounds, registry: .standard),
            instances: loader.instances, completions: loader.completions,
            host: OSCHost(
                machine: { (0, 0) }, states: { [] }, learn: { _ in "" }, folders: [], userFolder: "",
                presetFolder: "", store: FileStore(), wake: {}))
    }

    /// A program change to a number without an entry is refused and has no effect.
    private static func throughOSC(_ messages: [Message]) -> [(index: Int, event: Event)] {
        console.withLock { made in
            let console = made ?? makeConsole()
            made = console
            let client = "client \(clients.add(1, ordering: .relaxed).newValue)"
            var events: [(Int, Event)] = []
            for message in messages {
                _ = console.answer(osc(message.bytes), client: client, stamp: 0)
                console.inputs.notes.withLock {
                    while let event = $0.pop() { events.append((message.index, event)) }
                }
            }
            return events
        }
    }

    private static func osc(_ bytes: [UInt8]) -> OSCMessage {
        let channel = OSCValue.int(Int32(bytes[0] & 15) + 1)
        let first = OSCValue.int(Int32(bytes[1])), second = OSCValue.int(Int32(bytes.last ?? 0))
        switch bytes[0] & 0xf0 {
        case 0x80: return OSCMessage("/note/off", [channel, first, second])
        case 0x90: return OSCMessage("/note/on", [channel, first, second])
        case 0xa0: return OSCMessage("/pressure", [channel, second, first])
        case 0xb0: return OSCMessage("/cc", [channel, first, second])
        case 0xc0: return OSCMessage("/program", [first])
        case 0xd0: return OSCMessage("/pressure", [channel, first])
        default:
            let position = NormalizedValue.scaled(UInt32(bytes[2]) << 7 | UInt32(bytes[1]), bits: 14)
            let bend = position == .max ? 1 : Double(position) / 2_147_483_648 - 1
            return OSCMessage("/bend", [channel, .double(bend)])
        }
    }
}
