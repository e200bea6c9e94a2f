import KairosControl

/// One command of the address space: what it is called, what it takes, what it does.
public struct OSCCommand: Sendable {
    /// What a command takes in one place.
    public struct Argument: Sendable, Equatable {
        /// What it is called in the reference.
        public let name: String
        /// What it is.
        public let kind: Kind
        /// Whether it may be left out.
        public let isOptional: Bool

        /// What a value must be.
        public enum Kind: Sendable, Equatable {
            /// Any text of up to `limit` bytes, or a number as it would be typed.
            case text(limit: Int)
            /// A number within a range.
            case number(ClosedRange<Double>)
            /// A whole number within a range; a float without a fraction is one.
            case whole(ClosedRange<Int>)
            /// A velocity, controller or pressure: see ``MIDIValue``.
            case midi
        }

        /// The most bytes of a text that is a name, an address of a port or a value.
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

    /// The address; a part in angle brackets stands for a name.
    public let address: String
    /// In order.
    public let arguments: [Argument]
    /// What it does, in one sentence.
    public let about: String
    /// What stands in the answer behind the serial.
    public let answer: String
    /// A right use, as `oscsend` has it, and one that is refused.
    public let example: String
    /// Whether it plays: it is carried out where it arrives, on its frame.
    let plays: Bool
    let run: @Sendable (OSCDispatcher, OSCRequest) throws -> [OSCValue]

    init(
        _ address: String, _ arguments: [Argument], _ about: String, answer: String = "", example: String,
        plays: Bool = false, _ run: @escaping @Sendable (OSCDispatcher, OSCRequest) throws -> [OSCValue]
    ) {
        self.address = address
        self.arguments = arguments
        self.about = about
        self.answer = answer
        self.example = example
        self.plays = plays
        self.run = run
    }

    init(
        _ address: String, _ about: String, answer: String = "", example: String, plays: Bool = false,
        _ run: @escaping @Sendable (OSCDispatcher, OSCRequest) throws -> [OSCValue]
    ) {
        self.init(address, [], about, answer: answer, example: example, plays: plays, run)
    }
}
