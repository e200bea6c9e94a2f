/// One part of an OSC 1.0 address pattern (Wright 2002), compiled, such as `osc*` or `{filter,vca}[1-4]`.
///
/// `?` is any character, `*` any run of them, `[a-z]` one of a set, `[!a-z]` one outside it, `{a,bc}` one of several
/// texts. A minus sign at either end of a set and an exclamation mark anywhere but at its beginning stand for
/// themselves; so does everything within braces but the comma. Ranges may be written from either end.
///
/// Matching follows all possibilities at once, one character of the name after the other (Thompson 1968), so that the
/// steps are at most the pattern's length times the name's, whatever the pattern. [any]
struct OSCPattern: Sendable {
    private enum State {
        /// Takes one character of the set and goes to the next state.
        case one(CharacterSet)
        /// Takes any number of characters.
        case run
        /// Goes to each of these states without taking a character.
        case fork([Int])
    }

    private struct CharacterSet {
        var ranges: [ClosedRange<Unicode.Scalar>]
        var isNegated: Bool

        func contains(_ scalar: Unicode.Scalar) -> Bool {
            ranges.contains { $0.contains(scalar) } != isNegated
        }
    }

    private static let reserved: Set<Unicode.Scalar> = ["*", "?", "[", "]", "{", "}"]

    private var states: [State] = []

    /// Whether a text has any of the characters that make it a pattern.
    static func isPattern(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains { reserved.contains($0) }
    }

    /// Compiles one part of an address, without slashes. Throws `bad-pattern` where a bracket or brace is not closed,
    /// was never opened, or holds nothing.
    init(_ text: String) throws(OSCError) {
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "?": states.append(.one(CharacterSet(ranges: [], isNegated: true)))
            case "*":
                // Two runs one after the other are one.
                if case .run? = states.last { continue }
                states.append(.run)
            case "[": states.append(.one(try Self.set(&rest, text)))
            case "{": try addChoice(&rest, text)
            case "]", "}":
                throw Self.error("'\(scalar)' closes what was never opened", text)
            default: add(scalar)
            }
        }
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        states.append(.one(CharacterSet(ranges: [scalar...scalar], isNegated: false)))
    }

    private static func set(
        _ rest: inout Substring.UnicodeScalarView, _ text: String
    ) throws(OSCError) -> CharacterSet {
        var scalars: [Unicode.Scalar] = []
        while let scalar = rest.popFirst(), scalar != "]" || scalars.isEmpty {
            guard scalar != "]" else { throw error("'[]' holds no character", text) }
            scalars.append(scalar)
            guard !rest.isEmpty else { throw error("'[' is not closed", text) }
        }
        guard !scalars.isEmpty else { throw error("'[' is not closed", text) }
        let isNegated = scalars[0] == "!"
        if isNegated { scalars.removeFirst() }
        guard !scalars.isEmpty else { throw error("'[!]' holds no character", text) }
        var set = CharacterSet(ranges: [], isNegated: isNegated), at = 0
        while at < scalars.count {
            let first = scalars[at]
            if at + 2 < scalars.count, scalars[at + 1] == "-" {
                let last = scalars[at + 2]
                set.ranges.append(min(first, last)...max(first, last))
                at += 3
            } else {
                set.ranges.append(first...first)
                at += 1
            }
        }
        return set
    }

    private mutating func addChoice(
        _ rest: inout Substring.UnicodeScalarView, _ text: String
    ) throws(OSCError) {
        var choices: [[Unicode.Scalar]] = [[]], isClosed = false
        while let scalar = rest.popFirst() {
            if scalar == "}" {
                isClosed = true
                break
            }
            if scalar == "," { choices.append([]) } else { choices[choices.count - 1].append(scalar) }
        }
        guard isClosed else { throw Self.error("'{' is not closed", text) }
        // A fork, then each text with a jump behind it to the state after all of them.
        let fork = states.count
        states.append(.fork([]))
        var starts: [Int] = [], ends: [Int] = []
        for choice in choices {
            starts.append(states.count)
            for scalar in choice { add(scalar) }
            ends.append(states.count)
            states.append(.fork([]))
        }
        states[fork] = .fork(starts)
        for end in ends { states[end] = .fork([states.count]) }
    }

    private static func error(_ what: String, _ text: String) -> OSCError {
        OSCError(.badPattern, "\(what) in the pattern '\(text.prefix(80))'", name: String(text.prefix(80)))
    }

    /// Whether the whole of `name` matches. `budget` loses one for each step; where it is used up, nothing matches.
    func matches(_ name: String, _ budget: inout Int) -> Bool {
        var now: [Int] = [], next: [Int] = []
        // The position in the name at which each state was entered last, so that it is entered once for each.
        var entered = [Int](repeating: -1, count: states.count + 1)
        var position = 0
        enter(0, position, &now, &entered, &budget)
        for scalar in name.unicodeScalars {
            guard budget > 0 else { return false }
            position += 1
            next.removeAll(keepingCapacity: true)
            for state in now {
                budget -= 1
                switch states[state] {
                case .one(let set):
                    if set.contains(scalar) { enter(state + 1, position, &next, &entered, &budget) }
                case .run: enter(state, position, &next, &entered, &budget)
                case .fork: break
                }
            }
            swap(&now, &next)
        }
        return entered[states.count] == position
    }

    /// Enters a state, and all that it leads to without taking a character.
    private func enter(
        _ first: Int, _ position: Int, _ list: inout [Int], _ entered: inout [Int], _ budget: inout Int
    ) {
        var open = [first]
        while let state = open.popLast() {
            budget -= 1
            guard entered[state] != position else { continue }
            entered[state] = position
            guard state < states.count else { continue }
            switch states[state] {
            case .one: list.append(state)
            case .run:
                list.append(state)
                open.append(state + 1)
            case .fork(let others): open += others
            }
        }
    }
}
