/// What a controller's knobs, wheels, pads and pedals do: one mapping file as a value.
public struct Mapping: Sendable, Equatable {
    /// The file's name without its ending.
    public var name: String
    /// Matched against the sequencer client's name; empty fits every device.
    public var device: String
    /// In the order of the file.
    public var controls: [Control]
    /// What, while it is held, selects the controls of the second layer.
    public var shift: Shift?
    /// How the keyboard's own keys, pedals and zones are read.
    public var keyboard = KeyboardRule()
    /// Whether positions go back to the controller: LED rings, motor faders.
    public var givesFeedback = false
    /// Messages that bring the controller into the mode that the mapping is for, and out of it.
    public var onConnect: [[UInt8]] = [], onQuit: [[UInt8]] = []

    /// A mapping.
    public init(name: String, device: String = "", controls: [Control] = []) {
        self.name = name
        self.device = device
        self.controls = controls
    }

    /// The most mappings that one session can tell apart.
    public static let limit = 64

    /// What moves.
    public enum Input: Sendable, Equatable {
        /// A controller by number, 0…127.
        case control(Int)
        /// A coarse controller and the fine one under it: 14 bits.
        case controlPair(Int, Int)
        /// A registered parameter (RPN), 0…16 383.
        case registered(Int)
        /// A parameter of the maker's own (NRPN), 0…16 383.
        case nonRegistered(Int)
        /// The pressure of the channel or of any key.
        case pressure
        /// The pitch wheel.
        case bend
        /// A key: its velocity while it is down, 0 when it is up. It then plays no note.
        case note(Int)
    }

    /// What is moved.
    public enum Target: Sendable, Equatable {
        /// A macro of the sounding patch by its place, 1…8.
        case macro(Int)
        /// A macro of the master effects by its place, 1…8.
        case masterMacro(Int)
        /// The macro of the sounding patch that has this role.
        case role(Role)
        /// A parameter or an unconnected gate of a patch by name: `tide/filter.resonance`.
        case port(patch: String, module: String, port: String)
        /// The transport's own tempo, in beats a minute.
        case tempo
        /// What is no parameter.
        case action(Action)
        /// Nothing: a touch, or a button that would do harm.
        case nothing
    }

    /// What the instrument itself does.
    public enum Action: Sendable, Equatable {
        /// `next entry`
        case nextEntry
        /// `previous entry`
        case previousEntry
        /// `panic`
        case panic
        /// `tap tempo`
        case tapTempo
        /// `start stop`
        case startStop
        /// `entry Tide`
        case entry(String)

        /// What `text` says, or nil.
        public init?(_ text: String) {
            switch text {
            case "next entry": self = .nextEntry
            case "previous entry": self = .previousEntry
            case "panic": self = .panic
            case "tap tempo": self = .tapTempo
            case "start stop": self = .startStop
            default:
                guard text.hasPrefix("entry "), text.utf8.count > 6 else { return nil }
                self = .entry(String(text.dropFirst(6)))
            }
        }

        /// The words of a file, the last with any name after it.
        public static let words = [
            "next entry", "previous entry", "panic", "tap tempo", "start stop", "entry",
        ]
    }

    /// One line of a mapping: what moves, what is moved, how far.
    public struct Control: Sendable, Equatable {
        /// What moves.
        public var input: Input
        /// The channel it must come on, 0…15; nil for any.
        public var channel: Int?
        /// What is moved.
        public var target: Target
        /// The values at its lower and its upper end; nil for the target's own.
        public var range: TypedRange<String>?
        /// How the way spreads between them.
        public var curve = Bend.straight
        /// Whether the way runs backwards.
        public var inverted = false
        /// How a knob takes over a parameter that stands elsewhere.
        public var takeover = Takeover.jump
        /// How an endless encoder says how far it was turned.
        public var encoding = Encoding.twos
        /// How far one step of an encoder goes, as a part of the way; nil for 1/128, or one choice.
        public var step: Float?
        /// Into how many equal parts the way is divided; 0 for any place.
        public var steps = 0
        /// What a button does; nil for what is no button.
        public var button: Button?
        /// Whether it listens while the mapping's shift is held, and only then.
        public var shifted = false
        /// Where it stands: `file:line:column`.
        public var place: String

        /// A control.
        public init(
            _ input: Input, to target: Target, channel: Int? = nil, range: TypedRange<String>? = nil,
            curve: Bend = .straight, inverted: Bool = false, takeover: Takeover = .jump, place: String = ""
        ) {
            self.input = input
            self.target = target
            self.channel = channel
            self.range = range
            self.curve = curve
            self.inverted = inverted
            self.takeover = takeover
            self.place = place
        }
    }

    /// A button that selects the second layer while it is held.
    public struct Shift: Sendable, Equatable {
        /// What is held.
        public var input: Input
        /// The channel it must come on, 0…15; nil for any.
        public var channel: Int?

        /// A shift.
        public init(_ input: Input, channel: Int? = nil) {
            self.input = input
            self.channel = channel
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

    /// How a knob takes over a parameter that stands elsewhere.
    public enum Takeover: String, Sendable, CaseIterable {
        /// At once.
        case jump
        /// When the knob passes where the parameter stands.
        case pickup
        /// The rest of the knob's way is the rest of the parameter's.
        case scale
        /// An endless encoder: it says how far it was turned, not where it stands.
        case relative
    }

    /// How an endless encoder says how far it was turned.
    public enum Encoding: String, Sendable, CaseIterable {
        /// 1…63 up, 127…65 down.
        case twos
        /// 64 is rest, more is up, less is down.
        case offset
        /// Bit 6 is down, the rest how far.
        case sign

        /// Steps up, or down where negative, of a value 0…127.
        public func steps(_ value: UInt8) -> Int32 {
            let value = Int32(value & 127)
            switch self {
            case .twos: return value < 64 ? value : value - 128
            case .offset: return value - 64
            case .sign: return value < 64 ? value : 64 - value
            }
        }
    }

    /// What a button does.
    public enum Button: String, Sendable, CaseIterable {
        /// To the range's upper end while it is held, else to the lower.
        case momentary
        /// From one to the other each time it is pressed.
        case latch
    }
}
