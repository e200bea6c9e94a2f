/// A mapping: the functions of a controller's knobs, faders, pads and pedals. The value of one mapping file.
public struct Mapping: Sendable, Equatable {
    /// The file's name without its extension.
    public var name: String
    /// A pattern for the name of the sequencer client; empty for every device.
    public var device: String
    /// The controls, in the order of the file.
    public var controls: [Control]
    /// The button that selects the second layer of controls while it is held; nil for none.
    public var shift: Shift?
    /// The settings of the keyboard's keys, pedals and MPE zones.
    public var keyboard = KeyboardRule()
    /// True where values are sent back to the controller (LED rings, motor faders).
    public var givesFeedback = false
    /// MIDI messages that are sent when the controller connects, and when Kairos quits.
    public var onConnect: [[UInt8]] = [], onQuit: [[UInt8]] = []

    /// A mapping with default keyboard settings.
    public init(name: String, device: String = "", controls: [Control] = []) {
        self.name = name
        self.device = device
        self.controls = controls
    }

    /// The greatest number of mappings in use at once.
    public static let limit = 64

    /// The MIDI message that a control sends.
    public enum Input: Sendable, Equatable {
        /// A control change, 0…127.
        case control(Int)
        /// A coarse and a fine controller that make a value of 14 bits.
        case controlPair(Int, Int)
        /// A registered parameter (RPN), 0…16 383.
        case registered(Int)
        /// A non-registered parameter (NRPN), 0…16 383.
        case nonRegistered(Int)
        /// Channel pressure, or polyphonic pressure of any key.
        case pressure
        /// The pitch wheel.
        case bend
        /// A key: the value is its velocity while it is down, and 0 when it is up. The key plays no note.
        case note(Int)
    }

    /// The target of a control.
    public enum Target: Sendable, Equatable {
        /// A macro of the active patch by number, 1…8.
        case macro(Int)
        /// A macro of the master effects by number, 1…8.
        case masterMacro(Int)
        /// The macro of the active patch that has this role.
        case role(Role)
        /// A parameter or an unconnected gate of a patch by name: `tide/filter.resonance`.
        case port(patch: String, module: String, port: String)
        /// The transport's own tempo, in beats per minute.
        case tempo
        /// An action of the instrument.
        case action(Action)
        /// Nothing: disables a control, such as a fader's touch sensor.
        case nothing
    }

    /// An action of the instrument, as opposed to a parameter.
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

        /// Parses an action; nil where `text` is not one.
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

        /// The keywords in a mapping file; `entry` is followed by a name.
        public static let words = [
            "next entry", "previous entry", "panic", "tap tempo", "start stop", "entry",
        ]
    }

    /// One control of a mapping: its message, its target and the range.
    public struct Control: Sendable, Equatable {
        /// The message that it sends.
        public var input: Input
        /// The MIDI channel, 0…15; nil for any.
        public var channel: Int?
        /// The target.
        public var target: Target
        /// The target's values at the control's lower and upper end; nil for the target's own range.
        public var range: TypedRange<String>?
        /// The curve that is applied to the control's normalized value.
        public var curve = Curve.straight
        /// True where the range is reversed.
        public var inverted = false
        /// Takeover: the effect of the control while its value differs from its parameter's.
        public var takeover = Takeover.jump
        /// The number format of an endless encoder.
        public var encoding = Encoding.twos
        /// The normalized distance of one encoder step; nil for 1/128, or for one step of a stepped
        /// parameter.
        public var step: Float?
        /// The number of equal steps that the range is quantized to; 0 for continuous.
        public var steps = 0
        /// The behaviour of a button; nil where the control is not a button.
        public var button: Button?
        /// True where it is active only while the mapping's shift button is held.
        public var shifted = false
        /// Its location in the file: `file:line:column`.
        public var location: String

        /// A control without steps and without button behaviour.
        public init(
            _ input: Input, to target: Target, channel: Int? = nil, range: TypedRange<String>? = nil,
            curve: Curve = .straight, inverted: Bool = false, takeover: Takeover = .jump,
            location: String = ""
        ) {
            self.input = input
            self.target = target
            self.channel = channel
            self.range = range
            self.curve = curve
            self.inverted = inverted
            self.takeover = takeover
            self.location = location
        }
    }

    /// A button that selects the second layer of controls while it is held.
    public struct Shift: Sendable, Equatable {
        /// The message that the button sends.
        public var input: Input
        /// The MIDI channel, 0…15; nil for any.
        public var channel: Int?

        /// A shift button.
        public init(_ input: Input, channel: Int? = nil) {
            self.input = input
            self.channel = channel
        }
    }

    /// The curve that is applied to a control's normalized value, before the parameter's own scale.
    public enum Curve: String, Sendable, BitwiseCopyable, CaseIterable {
        /// Linear.
        case straight
        /// The square: finer resolution at the lower end.
        case slow
        /// The square root: finer resolution at the upper end.
        case fast
        /// Off below the centre, on from the centre.
        case `switch`
    }

    /// Takeover: the effect of a control while its value differs from its parameter's.
    public enum Takeover: String, Sendable, BitwiseCopyable, CaseIterable {
        /// The parameter jumps to the control's value.
        case jump
        /// The control has no effect until it passes the parameter's value.
        case pickup
        /// The control's remaining range is scaled to the parameter's remaining range.
        case scale
        /// An endless encoder: each message moves the parameter by a number of steps.
        case relative
    }

    /// The number format of an endless encoder's steps.
    public enum Encoding: String, Sendable, BitwiseCopyable, CaseIterable {
        /// Two's complement: 1…63 is up, 127…65 is down.
        case twos
        /// Offset binary: 64 is 0, greater is up, less is down.
        case offset
        /// Sign-magnitude: bit 6 set is down, bits 0…5 are the number of steps.
        case sign

        /// The number of steps, negative for down, of a MIDI value 0…127.
        public func steps(_ value: UInt8) -> Int32 {
            let value = Int32(value & 127)
            switch self {
            case .twos: return value < 64 ? value : value - 128
            case .offset: return value - 64
            case .sign: return value < 64 ? value : 64 - value
            }
        }
    }

    /// The behaviour of a button.
    public enum Button: String, Sendable, BitwiseCopyable, CaseIterable {
        /// The upper end of the range while it is held, otherwise the lower end.
        case momentary
        /// Toggles between the ends of the range each time it is pressed.
        case latch
    }
}
