/// Decides which values are sent back to the controllers (LED rings, motor faders). [control]
///
/// A value is sent when a parameter's value differs from the one that the controller shows: at most once in 30 ms for
/// each control, not within 200 ms after the control was moved, and never twice in a row.
public struct Feedback {
    /// The values of a control and its parameter, as the engine last published them.
    public struct State: Sendable, Equatable {
        /// The parameter's value on the control's range, 0…1; nil where the control has no target now.
        public var target: Float?
        /// The last value received from the control, 0…1; nil before its first message.
        public var control: Float?

        /// A state of the two values.
        public init(target: Float?, control: Float?) {
            self.target = target
            self.control = control
        }
    }

    private struct Memory {
        /// The 14-bit value that the controller shows; nil where it is unknown.
        var sent: UInt16?
        var sentAt: UInt64 = 0
        var control: Float?
        var movedAt: UInt64 = 0
    }

    /// Nanoseconds between two messages to one control, and after the last movement of the control.
    private static let interval: UInt64 = 30_000_000, quietAfterMove: UInt64 = 200_000_000
    /// The most values returned by one call; the others follow with the next call.
    private static let burstLimit = 64
    private var memories: [Memory]

    /// Feedback for `count` controls.
    public init(count: Int) { memories = Array(repeating: Memory(), count: count) }

    /// Forgets the value that the controller shows, so that the value is sent again: the controller was switched on, or
    /// the player asked for it.
    public mutating func forget(_ control: Int) { memories[control].sent = nil }

    /// The values to send now, 14 bits each. `states` has one state for each control, `now` is in
    /// nanoseconds, and `wants` returns whether a control takes feedback.
    public mutating func due(
        _ states: [State], now: UInt64, wants: (Int) -> Bool
    ) -> [(control: Int, value: UInt16)] {
        var result: [(control: Int, value: UInt16)] = []
        for (index, state) in states.enumerated() where memories.indices.contains(index) {
            if state.control != memories[index].control {
                memories[index].control = state.control
                memories[index].movedAt = now
                // The controller shows the value that its own control was moved to.
                if let position = state.control { memories[index].sent = Self.value(position) }
            }
            guard result.count < Self.burstLimit, let target = state.target, wants(index) else { continue }
            let value = Self.value(target), memory = memories[index]
            guard memory.sent.map({ $0 >> 7 }) != value >> 7,
                now >= memory.movedAt + Self.quietAfterMove || memory.movedAt == 0,
                now >= memory.sentAt + Self.interval || memory.sentAt == 0
            else { continue }
            memories[index].sent = value
            memories[index].sentAt = now
            result.append((index, value))
        }
        return result
    }

    /// Converts a normalized value, 0…1, to 14 bits whose upper seven are the nearest of 128: 0, 0.5 and 1
    /// give 0, 64 and 127.
    static func value(_ normalized: Float) -> UInt16 {
        let value = normalized <= 0.5 ? normalized * 16_384 : 8192 + (normalized - 0.5) * 2 * 8191
        let exact = UInt16(min(16_383, max(0, value.rounded())))
        let seven = normalized <= 0.5 ? normalized * 128 : 64 + (normalized - 0.5) * 126
        let coarse = UInt16(min(127, max(0, seven.rounded())))
        // If rounding to 14 and to 7 bits differs, the coarse value of a 7-bit control decides.
        return coarse == exact >> 7 ? exact : coarse << 7 | (coarse > exact >> 7 ? 0 : 127)
    }

    /// The MIDI messages, status and data bytes, that set a control to a 14-bit value. `channel` is used
    /// where the control has none of its own.
    ///
    /// A note lights its key from the centre up. An RPN or NRPN is selected, set, and deselected (RPN
    /// 127/127).
    public static func messages(_ control: ControlSurface.Control, value: UInt16, channel: UInt8) -> [[UInt8]]
    {
        let channel = control.channel ?? channel & 15
        let coarse = UInt8(value >> 7), fine = UInt8(value & 127)
        func controller(_ number: UInt16, _ value: UInt8) -> [UInt8] {
            [0xb0 | channel, UInt8(number & 127), value]
        }
        switch control.input {
        case .control: return [controller(control.number, coarse)]
        case .pair: return [controller(control.number, coarse), controller(control.partner, fine)]
        case .registered, .nonRegistered:
            let first: UInt16 = control.input == .registered ? 101 : 99
            return [
                controller(first, UInt8(control.number >> 7)),
                controller(first - 1, UInt8(control.number & 127)),
                controller(6, coarse), controller(38, fine), controller(101, 127), controller(100, 127),
            ]
        case .bend: return [[0xe0 | channel, fine, coarse]]
        case .note: return [[0x90 | channel, UInt8(control.number & 127), coarse >= 64 ? 127 : 0]]
        case .pressure: return []
        }
    }
}
