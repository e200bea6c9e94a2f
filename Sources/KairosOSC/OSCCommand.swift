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
            /// Any text, or a number as it would be typed.
            case text
            /// A number within a range.
            case number(ClosedRange<Double>)
            /// A whole number within a range.
            case whole(ClosedRange<Int>)
        }

        static func text(_ name: String, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .text, isOptional: optional)
        }
        static func number(_ name: String, _ range: ClosedRange<Double>, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .number(range), isOptional: optional)
        }
        static func whole(_ name: String, _ range: ClosedRange<Int>, optional: Bool = false) -> Argument {
            Argument(name: name, kind: .whole(range), isOptional: optional)
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
    let run: @Sendable (Console, Call) throws -> [OSCValue]

    init(
        _ address: String, _ arguments: [Argument], _ about: String, answer: String = "", example: String,
        plays: Bool = false, _ run: @escaping @Sendable (Console, Call) throws -> [OSCValue]
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
        _ run: @escaping @Sendable (Console, Call) throws -> [OSCValue]
    ) {
        self.init(address, [], about, answer: answer, example: example, plays: plays, run)
    }

    /// Checks how many values there are and what they are.
    func check(_ values: [OSCValue]) throws(OSCError) {
        let least = arguments.count { !$0.isOptional }
        guard values.count >= least, values.count <= arguments.count else {
            let words = arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
            let takes = words.isEmpty ? "no values" : words.joined(separator: " ")
            throw OSCError(
                .badArguments, "\(address) takes \(takes), and \(values.count) came", name: address)
        }
        for (argument, value) in zip(arguments, values) {
            let range: ClosedRange<Double>
            switch argument.kind {
            case .text: continue
            case .number(let limits): range = limits
            case .whole(let limits): range = Double(limits.lowerBound)...Double(limits.upperBound)
            }
            var isWhole = false
            if case .whole = argument.kind { isWhole = true }
            guard let number = value.number ?? Double(value.text), range.contains(number),
                !isWhole || number == number.rounded()
            else {
                func said(_ bound: Double) -> String {
                    bound == bound.rounded() ? "\(Int(bound))" : "\(bound)"
                }
                throw OSCError(
                    .badArguments,
                    "\(argument.name) is \(isWhole ? "a whole number" : "a number"), \(said(range.lowerBound)) … \(said(range.upperBound)), and this is '\(value.text.prefix(80))'",
                    name: address)
            }
        }
    }
}

/// One command on its way.
struct Call: Sendable {
    /// Who asks: drafts and parts are by this.
    var client: String
    /// Where it came from: subscriptions are by this.
    var endpoint: String
    var address: String
    var values: [OSCValue]
    /// When it acts, in nanoseconds of CLOCK_MONOTONIC.
    var stamp: UInt64
    /// The parts of the address that stand for names.
    var names: [String] = []

    func text(_ index: Int) -> String { values[index].text }
    func has(_ index: Int) -> Bool { index < values.count }
    func number(_ index: Int) -> Double { values[index].number ?? Double(values[index].text) ?? 0 }
    func whole(_ index: Int) -> Int { Int(number(index)) }

    /// A MIDI value: a whole number 0…127, or a part of the way as a float, 0…1.
    func position(_ index: Int) throws(OSCError) -> UInt32 {
        switch values[index] {
        case .float, .double:
            let part = number(index)
            guard part >= 0, part <= 1 else {
                throw OSCError(
                    .badArguments, "a float is a part of the way, 0 … 1, and this is \(part)", name: address)
            }
            return part == 1 ? .max : UInt32(part * 4_294_967_296)
        default:
            let number = number(index)
            guard number >= 0, number <= 127, number == number.rounded() else {
                throw OSCError(
                    .badArguments,
                    "a value is 0 … 127, or a float 0 … 1, and this is '\(text(index).prefix(80))'",
                    name: address)
            }
            return Position.scaled(UInt8(number))
        }
    }
}
