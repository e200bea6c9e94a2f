import KairosControl

/// A command of the OSC address space: its address, its arguments, its description, and the function that
/// runs it.
public struct OSCCommand: Sendable {
    /// An argument of a command.
    public struct Argument: Sendable, Equatable {
        /// The name in the reference and in errors.
        public let name: String
        /// The kind of value it takes.
        public let kind: Kind
        /// True if it may be omitted.
        public let isOptional: Bool

        /// The kind of value that an argument takes.
        public enum Kind: Sendable, Equatable {
            /// A text of up to `limit` bytes; a number counts as its text.
            case text(limit: Int)
            /// A number in a range.
            case number(ClosedRange<Double>)
            /// A whole number in a range; a float without a fraction is accepted.
            case whole(ClosedRange<Int>)
            /// A velocity, controller or pressure value; see ``MIDIValue``.
            case midi
        }

        /// The maximum size of a name, a port or a value as text, in bytes.
        static let nameLimit = 1024

        static func text(_ name: String, limit: Int = nameLimit, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .text(limit: limit), isOptional: optional)
        }
        static func number(_ name: String, _ range: ClosedRange<Double>, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .number(range), isOptional: optional)
        }
        static func whole(_ name: String, _ range: ClosedRange<Int>, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .whole(range), isOptional: optional)
        }
        static func midi(_ name: String, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .midi, isOptional: optional)
        }
    }

    /// The address; a part in angle brackets is a placeholder for a name.
    public let address: String
    /// The arguments in order.
    public let arguments: [Argument]
    /// The description in the reference.
    public let about: String
    /// The values of the answer after the serial number, described; empty if there are none.
    public let answer: String
    /// A valid use, in the syntax of `oscsend`.
    public let example: String
    /// True if the receiving thread runs the command at once, so that its event acts at the frame of its time
    /// stamp.
    let isRealTime: Bool
    /// Runs the command and returns the values of the answer. Throws ``OSCError`` or `EditError`.
    let run: @Sendable (OSCDispatcher, OSCRequest) throws -> [OSCValue]

    init(
        _ address: String, _ arguments: [Argument], _ about: String, answer: String = "", example: String,
        isRealTime: Bool = false,
        _ run: @escaping @Sendable (OSCDispatcher, OSCRequest) throws -> [OSCValue]
    ) {
        self.address = address
        self.arguments = arguments
        self.about = about
        self.answer = answer
        self.example = example
        self.isRealTime = isRealTime
        self.run = run
    }
}
