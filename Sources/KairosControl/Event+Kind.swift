extension Event {
    /// The kind of a message, without its data.
    public enum Kind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        case noteOn, noteOff, noteOnPitch, noteOffPitch, polyPressure, channelPressure, control, registered
        case nonRegistered, pitchBend, program, sourceGone, panic, master, tuneKey, tuneOctave, reset
        case nextEntry, previousEntry, selectEntry, clock, start, resume, stop, songPosition, tapTempo
        case startStop, setTempo, setParam, snapshot, restore
    }

    /// The kind of the message. The audio thread does not use it: it switches over the message.
    public var kind: Kind {
        switch message {
        case .noteOn: .noteOn
        case .noteOff: .noteOff
        case .noteOnPitch: .noteOnPitch
        case .noteOffPitch: .noteOffPitch
        case .polyPressure: .polyPressure
        case .channelPressure: .channelPressure
        case .control: .control
        case .registered: .registered
        case .nonRegistered: .nonRegistered
        case .pitchBend: .pitchBend
        case .program: .program
        case .sourceGone: .sourceGone
        case .panic: .panic
        case .master: .master
        case .tuneKey: .tuneKey
        case .tuneOctave: .tuneOctave
        case .reset: .reset
        case .nextEntry: .nextEntry
        case .previousEntry: .previousEntry
        case .selectEntry: .selectEntry
        case .clock: .clock
        case .start: .start
        case .resume: .resume
        case .stop: .stop
        case .songPosition: .songPosition
        case .tapTempo: .tapTempo
        case .startStop: .startStop
        case .setTempo: .setTempo
        case .setParam: .setParam
        case .snapshot: .snapshot
        case .restore: .restore
        }
    }
}
