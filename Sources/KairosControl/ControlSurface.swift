public import KairosDSP

/// The controls of all mappings as one flat table. Made on the control thread, read on the audio thread.
public struct ControlSurface: ~Copyable, Sendable {
    /// The kind of MIDI message that a control sends. `pair` is two controllers that make a value of 14 bits.
    public enum Input: UInt8, Sendable, BitwiseCopyable {
        case control, pair, registered, nonRegistered, pressure, bend, note

        /// True where the value may arrive as a coarse and a fine message.
        public var hasFineHalf: Bool { self == .pair || self == .registered || self == .nonRegistered }
    }

    /// One control: a knob, fader, button, pad or pedal of a hardware controller.
    public struct Control: Sendable, Equatable, BitwiseCopyable {
        /// The kind of message it sends.
        public var input: Input
        /// The controller or key, 0…127, or the RPN or NRPN, 0…16 383. 0 for pressure and pitch bend.
        public var number: UInt16
        /// The fine controller of a pair; otherwise 0.
        public var partner: UInt16
        /// The MIDI channel, 0…15; nil for any.
        public var channel: UInt8?
        /// The index of its mapping. The engine knows which sources a mapping applies to.
        public var mapping: UInt8
        /// True where that mapping applies to every device.
        public var isGeneric = true

        /// The part of this control's value that an event carries, regardless of the channel; nil where the
        /// event is not from this control. Inlined, because every event is compared with every control.
        @inlinable @inline(__always) public func part(of event: Event) -> Event.Part? {
            switch event.message {
            case .control(let controller, _, let isWhole):
                switch input {
                case .control: return UInt16(controller) == number ? (isWhole ? .whole : .coarse) : nil
                case .pair:
                    if UInt16(controller) == partner { return .fine }
                    return UInt16(controller) == number ? (isWhole ? .whole : .coarse) : nil
                default: return nil
                }
            case .registered(let entry):
                if case .registered = input, entry.parameter == number { return entry.part }
            case .nonRegistered(let entry):
                if case .nonRegistered = input, entry.parameter == number { return entry.part }
            case .channelPressure, .polyPressure: if case .pressure = input { return .whole }
            case .pitchBend: if case .bend = input { return .whole }
            case .noteOn(let key, _), .noteOff(let key, _):
                if case .note = input, UInt16(key) == number { return .whole }
            default: break
            }
            return nil
        }

        /// True where the control accepts messages of a channel, 0…15.
        public func accepts(_ channel: UInt8) -> Bool { self.channel == nil || self.channel == channel }
    }

    @usableFromInline let controls: FixedArray<Control>

    /// A table of the controls of `mappings`, in the order of ``indices(_:)``. [loader]
    public init(_ mappings: [Mapping]) { controls = FixedArray(copying: Self.controls(mappings).all) }

    /// The number of controls.
    @inlinable public var count: Int { controls.count }

    /// The control at an index, 0..<``count``.
    @inlinable public subscript(_ index: Int) -> Control { controls[index] }

    /// For each mapping, the index of each of its controls and of its shift button (nil for none). Controls of
    /// one mapping with the same input and channel share an index.
    public static func indices(_ mappings: [Mapping]) -> [(controls: [Int], shift: Int?)] {
        controls(mappings).indices
    }

    /// All controls in the order of their indices, and the result of ``indices(_:)``.
    public static func controls(
        _ mappings: [Mapping]
    ) -> (all: [Control], indices: [(controls: [Int], shift: Int?)]) {
        var all: [Control] = []
        func index(of control: Control) -> Int {
            if let same = all.lastIndex(of: control) { return same }
            all.append(control)
            return all.count - 1
        }
        let indices = mappings.prefix(Mapping.limit).enumerated().map { number, mapping in
            (
                mapping.controls.map { index(of: Control($0.input, $0.channel, mapping, at: number)) },
                mapping.shift.map { index(of: Control($0.input, $0.channel, mapping, at: number)) }
            )
        }
        return (all, indices)
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
            channel: channel.map { UInt8(truncatingIfNeeded: $0) },
            mapping: UInt8(truncatingIfNeeded: index), isGeneric: mapping.device.isEmpty)
    }
}
