/// What goes back to the controllers: where each control's parameter stands, when it is not where the control is.
///
/// No more often than a controller takes it, never against a hand that moves, and never twice the same.
///
/// > Control thread.
public struct Feedback {
    /// Where a control and its parameter stand, as the engine last published it.
    public struct State: Sendable, Equatable {
        /// Where the parameter stands on the control's way, 0…1; not a number where it moves nothing now.
        public var target: Float
        /// Where the control was last heard to be, 0…1; not a number before.
        public var control: Float

        /// A state.
        public init(target: Float, control: Float) {
            self.target = target
            self.control = control
        }
    }

    private struct Memory {
        var sent: Int32 = -1
        var sentAt: UInt64 = 0
        var control: Float = .nan
        var movedAt: UInt64 = 0
    }

    /// Nanoseconds between two messages to one control, and of rest after a hand moved it.
    private static let pause: UInt64 = 30_000_000, hands: UInt64 = 200_000_000
    /// The most messages in one round; the rest come with the next.
    private static let burst = 64
    private var memories: [Memory]

    /// For so many controls.
    public init(count: Int) { memories = Array(repeating: Memory(), count: count) }

    /// The controller knows nothing any more: it was switched on, or its player asks.
    public mutating func forget(_ control: Int) { memories[control].sent = -1 }

    /// What is to be sent now, as values of 14 bits by control. `wants` says which controls take feedback.
    public mutating func due(
        _ states: [State], now: UInt64, wants: (Int) -> Bool
    ) -> [(control: Int, value: UInt16)] {
        var result: [(control: Int, value: UInt16)] = []
        for (index, state) in states.enumerated() where memories.indices.contains(index) {
            if !same(state.control, memories[index].control) {
                memories[index].control = state.control
                memories[index].movedAt = now
                // What a hand says is what the controller shows.
                if !state.control.isNaN { memories[index].sent = Int32(Self.value(state.control)) }
            }
            guard result.count < Self.burst, !state.target.isNaN, wants(index) else { continue }
            let value = Self.value(state.target), memory = memories[index]
            guard memory.sent < 0 || value >> 7 != UInt16(memory.sent) >> 7,
                now >= memory.movedAt + Self.hands || memory.movedAt == 0,
                now >= memory.sentAt + Self.pause || memory.sentAt == 0
            else { continue }
            memories[index].sent = Int32(value)
            memories[index].sentAt = now
            result.append((index, value))
        }
        return result
    }

    private func same(_ a: Float, _ b: Float) -> Bool { a == b || (a.isNaN && b.isNaN) }

    /// 14 bits whose upper seven are the nearest of 128: 0, ½ and 1 are 0, 64 and 127.
    static func value(_ position: Float) -> UInt16 {
        let value = position <= 0.5 ? position * 16_384 : 8192 + (position - 0.5) * 2 * 8191
        let exact = UInt16(min(16_383, max(0, value.rounded())))
        let seven = position <= 0.5 ? position * 128 : 64 + (position - 0.5) * 126
        let coarse = UInt16(min(127, max(0, seven.rounded())))
        // Near the edge of a seventh, the coarse half is the one a knob of 7 bits shows.
        return coarse == exact >> 7 ? exact : coarse << 7 | (coarse > exact >> 7 ? 0 : 127)
    }

    /// The messages that take a control there: status and data bytes.
    ///
    /// A note lights its key from half-way on. Parameters by number are selected, set, and let go.
    public static func messages(_ control: ControlSurface.Control, value: UInt16, channel: UInt8) -> [[UInt8]]
    {
        let channel = control.channel == 255 ? channel & 15 : control.channel
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
