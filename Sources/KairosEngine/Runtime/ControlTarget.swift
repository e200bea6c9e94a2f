/// The target of a change of a control value.
enum ControlTarget: Hashable, BitwiseCopyable, Sendable {
    /// A value of the notes of a channel. A bend range of nil is the patch's own.
    enum Channel: UInt8, BitwiseCopyable, Sendable { case bend, pressure, timbre, bendRange, tuning }
    /// A value of a channel strip.
    enum Strip: UInt8, BitwiseCopyable, Sendable { case volume, pan, expression }
    /// A value of the instrument as a whole.
    enum Master: UInt8, BitwiseCopyable, Sendable { case volume, balance, tuning }

    /// A parameter of a patch instance, by its index there.
    case parameter(InstanceAddress, Int32)
    /// A gate of a patch instance that nothing is connected to, by its index there.
    case gate(InstanceAddress, Int32)
    /// A MIDI channel state, 0..<``MIDIChannels/count``.
    case channel(Channel, state: UInt8)
    /// The pressure of one note, by the number of its note-on.
    case notePressure(UInt32)
    /// A channel strip, 0..<``Mixer/stripCount``.
    case strip(Strip, UInt8)
    /// The instrument as a whole.
    case master(Master)

    /// The instance that it belongs to, or nil.
    var instance: InstanceAddress? {
        switch self {
        case .parameter(let instance, _), .gate(let instance, _): instance
        case .channel, .notePressure, .strip, .master: nil
        }
    }

    /// A hash for a table of targets: equal for equal targets, and seldom for different ones.
    var hash: UInt64 {
        func mixed(_ kind: UInt64, _ high: UInt32, _ low: UInt32) -> UInt64 {
            var word = UInt64(high) << 32 | UInt64(low)
            word = (word ^ kind &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
            return (word ^ word >> 29) &* 0x94d0_49bb_1331_11eb
        }
        func of(_ instance: InstanceAddress) -> UInt32 {
            switch instance.place {
            case .slot(let slot): instance.generation << 7 ^ UInt32(slot)
            case .masterEffects: instance.generation << 7 ^ 127
            }
        }
        return switch self {
        case .parameter(let instance, let index): mixed(1, of(instance), UInt32(bitPattern: index))
        case .gate(let instance, let index): mixed(2, of(instance), UInt32(bitPattern: index))
        case .channel(let kind, let state): mixed(3, UInt32(kind.rawValue), UInt32(state))
        case .notePressure(let note): mixed(4, 0, note)
        case .strip(let kind, let strip): mixed(5, UInt32(kind.rawValue), UInt32(strip))
        case .master(let kind): mixed(6, 0, UInt32(kind.rawValue))
        }
    }
}
