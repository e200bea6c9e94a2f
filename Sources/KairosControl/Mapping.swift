/// What a controller's knobs, wheels, pads and pedals do: one mapping file as a value.
public struct Mapping: Sendable, Equatable {
    /// The file's name without its ending.
    public var name: String
    /// Matched against the sequencer client's name; empty fits every device.
    public var device: String
    /// In the order of the file.
    public var controls: [Control]

    /// A mapping.
    public init(name: String, device: String = "", controls: [Control] = []) {
        self.name = name
        self.device = device
        self.controls = controls
    }

    /// What moves.
    public enum Input: Sendable, Equatable {
        /// A controller by number, 0…127.
        case control(Int)
        /// A coarse controller and the fine one under it: 14 bits.
        case controlPair(Int, Int)
        /// The pressure of the channel or of any key.
        case pressure
        /// The pitch wheel.
        case bend
        /// A key: its velocity while it is down, 0 when it is up. It then plays no note.
        case note(Int)
    }

    /// What is moved.
    public enum Target: Sendable, Equatable {
        /// A knob of the sounding patch by its place, 1…8.
        case knob(Int)
        /// A knob of the rack by its place, 1…8.
        case rackKnob(Int)
        /// The knob of the sounding patch that has this role.
        case role(Role)
        /// A parameter or an unwired gate of a patch by name: `tide/filter.resonance`.
        case port(patch: String, module: String, port: String)
        /// What is no parameter.
        case action(Action)
    }

    /// What the instrument itself does.
    public enum Action: Sendable, Equatable {
        /// `next entry`
        case nextEntry
        /// `previous entry`
        case previousEntry
        /// `panic`
        case panic
        /// `entry Tide`
        case entry(String)

        /// What `text` says, or nil.
        public init?(_ text: String) {
            switch text {
            case "next entry": self = .nextEntry
            case "previous entry": self = .previousEntry
            case "panic": self = .panic
            default:
                guard text.hasPrefix("entry "), text.utf8.count > 6 else { return nil }
                self = .entry(String(text.dropFirst(6)))
            }
        }

        /// The words of a file, the last with any name after it.
        public static let words = ["next entry", "previous entry", "panic", "entry"]
    }

    /// One line of a mapping: what moves, what is moved, how far.
    public struct Control: Sendable, Equatable {
        /// What moves.
        public var input: Input
        /// The channel it must come on, 0…15; nil for any.
        public var channel: Int?
        /// What is moved.
        public var target: Target
        /// The value at the beginning of the way, as typed; nil for the target's own.
        public var from: String?
        /// The value at the end of the way, as typed; nil for the target's own.
        public var upTo: String?
        /// How the way spreads between them.
        public var curve: Bend
        /// Whether the way runs backwards.
        public var inverted: Bool
        /// Where it stands: `file:line:column`.
        public var place: String

        /// A control.
        public init(
            _ input: Input, to target: Target, channel: Int? = nil, from: String? = nil, upTo: String? = nil,
            curve: Bend = .straight, inverted: Bool = false, place: String = ""
        ) {
            self.input = input
            self.target = target
            self.channel = channel
            self.from = from
            self.upTo = upTo
            self.curve = curve
            self.inverted = inverted
            self.place = place
        }
    }

    /// How a control's way is bent before it meets the parameter's own curve.
    public enum Bend: String, Sendable, CaseIterable {
        /// As it comes.
        case straight
        /// Finer at the beginning (the square).
        case slow
        /// Finer at the end (the root).
        case fast
        /// Off below half-way, on from there.
        case `switch`
    }
}

/// What a knob of a patch is for, by the standard's own controllers (MIDI 1.0 sound controllers, RP-021).
public enum Role: String, Sendable, CaseIterable {
    case modulation, breath, foot
    case timbre, release, attack, brightness, decay
    case vibratoRate, vibratoDepth, vibratoDelay
    case reverb, chorus

    /// The controller number that the standard gives it.
    public var controller: Int {
        switch self {
        case .modulation: 1
        case .breath: 2
        case .foot: 4
        case .timbre: 71
        case .release: 72
        case .attack: 73
        case .brightness: 74
        case .decay: 75
        case .vibratoRate: 76
        case .vibratoDepth: 77
        case .vibratoDelay: 78
        case .reverb: 91
        case .chorus: 93
        }
    }
}
