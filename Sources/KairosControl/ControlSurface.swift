/// What moves on the player's controllers, over all mappings, as flat rows the audio thread can walk.
///
/// > Made on the control thread, read on the audio thread.
public struct ControlSurface: @unchecked Sendable {
    /// The kind of MIDI message that a control sends.
    public enum Input: UInt8, Sendable {
        case control, pair, registered, nonRegistered, pressure, bend, note

        /// Whether its value may come in a coarse and a fine half.
        public var hasFineHalf: Bool { self == .pair || self == .registered || self == .nonRegistered }
    }

    /// One thing that a hand moves.
    public struct Control: Sendable, Equatable {
        /// The kind of message that it sends.
        public var input: Input
        /// The controller, key, or 14 bits of a parameter.
        public var number: UInt16
        /// The fine controller of a pair.
        public var partner: UInt16
        /// The channel, 0…15, or 255 for any.
        public var channel: UInt8
        /// Which mapping it comes from: the engine knows which sources a mapping is for.
        public var mapping: UInt8
        /// Whether that mapping is for every device.
        public var isGeneric = true

        /// Which part of a movement an event is to it, whatever the channel; nil for none.
        public func part(of event: Event) -> Event.Part? {
            switch (input, event.kind) {
            case (.control, .control), (.pair, .control):
                let controller = UInt16(truncatingIfNeeded: event.number & 127)
                if input == .pair, controller == partner { return .fine }
                return controller == number ? (event.isWhole ? .whole : .coarse) : nil
            case (.registered, .registered), (.nonRegistered, .nonRegistered):
                return event.parameter == UInt32(number) ? event.part : nil
            case (.pressure, .channelPressure), (.pressure, .polyPressure), (.bend, .pitchBend): return .whole
            case (.note, .noteOn), (.note, .noteOff): return event.number == UInt32(number) ? .whole : nil
            default: return nil
            }
        }

        /// Whether it listens to a channel.
        public func hears(_ channel: UInt8) -> Bool { self.channel == 255 || self.channel == channel }
    }

    /// How many controls there are.
    public let count: Int
    private let controls: UnsafeMutablePointer<Control>

    /// The controls of `mappings`, in the order of ``places(_:)``.
    public init(_ mappings: [Mapping]) {
        let all = Self.controls(mappings).all
        count = all.count
        controls = .allocate(capacity: max(1, count))
        controls.initialize(from: all, count: count)
    }

    /// Gives the memory back.
    public func free() { controls.deallocate() }

    /// A control.
    public subscript(_ index: Int) -> Control { controls[index] }

    /// The place of each line's control, mapping by mapping, and of each mapping's shift (−1 for none). Lines that
    /// listen to the same thing share one.
    public static func places(_ mappings: [Mapping]) -> [(controls: [Int], shift: Int)] {
        controls(mappings).places
    }

    /// The controls in the order of their places.
    public static func controls(
        _ mappings: [Mapping]
    ) -> (all: [Control], places: [(controls: [Int], shift: Int)]) {
        var all: [Control] = []
        func place(_ control: Control) -> Int {
            if let same = all.lastIndex(of: control) { return same }
            all.append(control)
            return all.count - 1
        }
        let places = mappings.prefix(Mapping.limit).enumerated().map { index, mapping in
            (
                mapping.controls.map { place(Control($0.input, $0.channel, mapping, at: index)) },
                mapping.shift.map { place(Control($0.input, $0.channel, mapping, at: index)) } ?? -1
            )
        }
        return (all, places)
    }
}

extension ControlSurface.Control {
    init(_ input: Mapping.Input, _ channel: Int?, _ mapping: Mapping, at index: Int) {
        let (kind, number, partner): (ControlSurface.Input, Int, Int) =
            switch input {
            case .control(let number): (.control, number, 0)
            case .controlPair(let coarse, let fine): (.pair, coarse, fine)
            case .registered(let number): (.registered, number, 0)
            case .nonRegistered(let number): (.nonRegistered, number, 0)
            case .pressure: (.pressure, 0, 0)
            case .bend: (.bend, 0, 0)
            case .note(let key): (.note, key, 0)
            }
        self.init(
            input: kind, number: UInt16(truncatingIfNeeded: number),
            partner: UInt16(truncatingIfNeeded: partner),
            channel: channel.map { UInt8(truncatingIfNeeded: $0) } ?? 255,
            mapping: UInt8(truncatingIfNeeded: index), isGeneric: mapping.device.isEmpty)
    }
}

/// What is known of a control between its messages.
public struct ControlMemory: Sendable {
    /// Of its coarse and fine half.
    public var pair = PairDecoder()
    /// Where it stands, 0…1; not a number before it is heard of.
    public var position: Float = .nan

    /// Knowing nothing.
    public init() {}
}

/// What a control did.
public enum Movement: Sendable, Equatable {
    /// From one place on its way to another, 0…1; `from` is not a number where it was not known.
    case to(Float, from: Float)
    /// A step of a parameter's own (increment, decrement).
    case step(Int32)
}
