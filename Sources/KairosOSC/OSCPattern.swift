/// One part of an OSC 1.0 address pattern (Wright 2002), compiled, such as `osc*` or `{filter,vca}[1-4]`.
/// [any]
///
/// `?` matches any character, `*` any number of characters, `[a-z]` a character of a set, `[!a-z]` a
/// character outside a set, `{a,bc}` one of several texts. In a set, a minus sign at either end and an
/// exclamation mark after the beginning are literal; in braces, everything but the comma is literal. Ranges
/// may be written from either end.
///
/// Matching simulates a nondeterministic automaton, all states at once, one character of the name after the
/// other (Thompson, "Regular Expression Search Algorithm", CACM 1968). The number of steps is proportional to
/// the pattern's length times the name's, whatever the pattern.
struct OSCPattern: Sendable {
    /// A state of the automaton.
    private enum State {
        /// Consumes one character of the set and enters the next state.
        case one(CharacterSet)
        /// Consumes any number of characters, then enters the next state.
        case repetition
        /// Enters each of these states without consuming a character.
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

    /// True if a text contains a character that makes it a pattern.
    static func isPattern(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains { reserved.contains($0) }
    }

    /// Compiles one part of an address, without slashes. Throws `bad-pattern` if a bracket or brace is not
    /// closed, not opened or empty.
    init(_ text: String) throws(OSCError) {
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "?": states.append(.one(CharacterSet(ranges: [], isNegated: true)))
            case "*":
                // Consecutive stars are equivalent to one.
                if case .repetition? = states.last { continue }
                states.append(.repetition)
            case "[": states.append(.one(try Self.set(&rest, text)))
            case "{": try addChoice(&rest, text)
            case "]", "}":
                throw Self.error("'\(scalar)' without an opening bracket or brace", text)
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
            guard scalar != "]" else { throw error("'[]' is an empty set", text) }
            scalars.append(scalar)
            guard !rest.isEmpty else { throw error("'[' is not closed", text) }
        }
        guard !scalars.isEmpty else { throw error("'[' is not closed", text) }
        let isNegated = scalars[0] == "!"
        if isNegated { scalars.removeFirst() }
        guard !scalars.isEmpty else { throw error("'[!]' is an empty set", text) }
        var set = CharacterSet(ranges: [], isNegated: isNegated), index = 0
        while index < scalars.count {
            let first = scalars[index]
            if index + 2 < scalars.count, scalars[index + 1] == "-" {
                let last = scalars[index + 2]
                set.ranges.append(min(first, last)...max(first, last))
                index += 3
            } else {
                set.ranges.append(first...first)
                index += 1
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
        // A fork to each text; after each text, a fork to the state after all of them.
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

    /// True if the pattern matches the whole name. Each step subtracts one from `budget`; at 0 the result is
    /// false.
    func matches(_ name: String, _ budget: inout Int) -> Bool {
        var current: [Int] = [], next: [Int] = []
        // The position in the name at which each state was entered last, nil before the first time: a state is
        // entered once per position.
        var entered = [Int?](repeating: nil, count: states.count + 1)
        var position = 0
        enter(0, position, &current, &entered, &budget)
        for scalar in name.unicodeScalars {
            guard budget > 0 else { return false }
            position += 1
            next.removeAll(keepingCapacity: true)
            for state in current {
                budget -= 1
                switch states[state] {
                case .one(let set):
                    if set.contains(scalar) { enter(state + 1, position, &next, &entered, &budget) }
                case .repetition: enter(state, position, &next, &entered, &budget)
                case .fork: break
                }
            }
            swap(&current, &next)
        }
        return entered[states.count] == position
    }

    /// Enters a state, and all states that it leads to without consuming a character.
    private func enter(
        _ first: Int, _ position: Int, _ list: inout [Int], _ entered: inout [Int?], _ budget: inout Int
    ) {
        var open = [first]
        while let state = open.popLast() {
            budget -= 1
            guard entered[state] != position else { continue }
            entered[state] = position
            guard state < states.count else { continue }
            switch states[state] {
            case .one: list.append(state)
            case .repetition:
                list.append(state)
                open.append(state + 1)
            case .fork(let others): open += others
            }
        }
    }
}
