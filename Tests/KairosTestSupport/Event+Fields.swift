public import KairosControl
import KairosDSP

/// Events by kind and by the fields of MIDI messages, for tests that draw them at random or compare them. A field that
/// a kind does not have is ignored, and is 0 when it is read.
extension Event {
    /// An event. `number` is the key, the controller, bank × 128 + program, or the index of an entry; `normalized` is
    /// the velocity or value.
    public init(
        _ kind: Kind, stamp: UInt64 = 0, channel: UInt8 = 0, number: UInt32, normalized: UInt32 = 0,
        source: UInt16 = 0, input: UInt8 = 0
    ) {
        self.init(
            Message(kind, number, normalized), stamp: stamp, channel: channel, source: source, input: input)
    }

    /// An event of a kind without a number.
    public init(
        _ kind: Kind, stamp: UInt64 = 0, channel: UInt8 = 0, normalized: UInt32, source: UInt16 = 0,
        input: UInt8 = 0
    ) {
        self.init(
            kind, stamp: stamp, channel: channel, number: 0, normalized: normalized, source: source,
            input: input)
    }

    /// A change of a registered or non-registered parameter.
    public init(parameter kind: Kind, _ parameter: UInt32, _ part: Part, channel: UInt8, normalized: UInt32) {
        let entry = DataEntry(UInt16(truncatingIfNeeded: parameter), part, value: normalized)
        self.init(kind == .registered ? .registered(entry) : .nonRegistered(entry), channel: channel)
    }

    /// The key, the controller, bank × 128 + program, or the index of an entry.
    public var number: UInt32 {
        switch message {
        case .noteOn(let key, _), .noteOff(let key, _), .noteOnPitch(let key, _, _),
            .noteOffPitch(let key, _, _), .polyPressure(let key, _), .tuneKey(let key, _, _, _):
            UInt32(key)
        case .control(let number, _, _): UInt32(number)
        case .program(let number), .selectEntry(let number): number
        case .songPosition(let sixteenths): UInt32(sixteenths)
        case .registered(let entry), .nonRegistered(let entry): UInt32(entry.parameter)
        default: 0
        }
    }

    /// The velocity or value.
    public var normalized: UInt32 {
        switch message {
        case .noteOff(_, let velocity), .noteOnPitch(_, let velocity, _), .noteOffPitch(_, let velocity, _):
            velocity
        case .master(_, let value): value
        default: message.controlValue
        }
    }

    /// The number of an RPN or NRPN.
    public var parameter: UInt32 { number }

    /// The part of the value of an RPN or NRPN; nil for other kinds.
    public var part: Part? {
        switch message {
        case .registered(let entry), .nonRegistered(let entry): entry.part
        default: nil
        }
    }

    /// True for a controller with all bits of its value.
    public var isWhole: Bool {
        if case .control(_, _, let isWhole) = message { isWhole } else { false }
    }
}

extension Event.Message {
    fileprivate init(_ kind: Event.Kind, _ number: UInt32, _ value: UInt32) {
        let key = UInt8(truncatingIfNeeded: number), float = Float(bitPattern: value)
        let pitch = Float(bitPattern: number)
        let entry = Event.DataEntry(UInt16(truncatingIfNeeded: number), .coarse, value: value)
        switch kind {
        case .noteOn: self = .noteOn(key: key, velocity: value)
        case .noteOff: self = .noteOff(key: key, velocity: value)
        case .noteOnPitch: self = .noteOnPitch(key: key, velocity: value, pitch: pitch)
        case .noteOffPitch: self = .noteOffPitch(key: key, velocity: value, pitch: pitch)
        case .polyPressure: self = .polyPressure(key: key, value: value)
        case .channelPressure: self = .channelPressure(value)
        case .control: self = .control(key, value: value)
        case .registered: self = .registered(entry)
        case .nonRegistered: self = .nonRegistered(entry)
        case .pitchBend: self = .pitchBend(value)
        case .program: self = .program(number)
        case .sourceGone: self = .sourceGone
        case .panic: self = .panic
        case .master:
            let all = Event.Master.allCases
            self = .master(all[Int(number) % all.count], value: value)
        case .tuneKey:
            let program = UInt8(truncatingIfNeeded: number >> 7)
            self = .tuneKey(key & 127, program: program, pitch: Float(value) / 16_384, isRealTime: false)
        case .tuneOctave:
            self = .tuneOctave(key, offset: Float(value) / 16_384, channels: .max, isRealTime: true)
        case .reset: self = .reset
        case .nextEntry: self = .nextEntry
        case .previousEntry: self = .previousEntry
        case .selectEntry: self = .selectEntry(number)
        case .clock: self = .clock
        case .start: self = .start
        case .resume: self = .resume
        case .stop: self = .stop
        case .songPosition: self = .songPosition(UInt16(truncatingIfNeeded: number))
        case .tapTempo: self = .tapTempo
        case .startStop: self = .startStop
        case .setTempo: self = .setTempo(float)
        case .setParam: self = .setParam(key: UInt64(number), of: .layer(0), to: .number(float))
        case .snapshot: self = .snapshot
        case .restore: self = .restore
        }
    }
}
