/// What a key of the terminal sends.
public enum Key: Equatable, Sendable {
    /// A character, or a mark that joins the one before it.
    case character(Character)
    /// Enter.
    case enter
    /// Backspace.
    case backspace
    /// Escape, by itself.
    case escape
    /// Ctrl-C, where the terminal makes no signal of it.
    case interrupt
    /// Ctrl-D.
    case endOfInput
    /// What was pasted, where the terminal says so (bracketed paste).
    case paste(String)
}

/// Makes keys of the bytes that a terminal sends: UTF-8, and the sequences of arrow and function keys, which are
/// no keys here. A sequence may be split anywhere. `[control]`, one thread.
public struct KeyDecoder {
    private enum State {
        case ground
        /// After Escape.
        case escape
        /// After `Escape [`, with the parameters so far.
        case sequence([UInt8])
        /// One more byte belongs to the sequence.
        case oneMore
        /// Inside a string for the terminal, such as the answer to a question; until BEL or `Escape \`.
        case string(afterEscape: Bool)
    }

    /// The most bytes of a paste that are kept.
    private static let pasteLimit = 4096
    private static let pasteEnd = Array("\u{1b}[201~".utf8)

    private var state = State.ground
    /// The bytes of a character that is not complete.
    private var partial: [UInt8] = []
    private var missing = 0
    /// The bytes that were pasted, while a paste is on.
    private var pasted: [UInt8]?
    /// How many bytes of the end of a paste have come.
    private var matched = 0

    /// Begins on the ground.
    public init() {}

    /// Takes one byte; a key, where it completes one.
    public mutating func take(_ byte: UInt8) -> Key? {
        if pasted != nil { return takePasted(byte) }
        switch state {
        case .ground: return takeGround(byte)
        case .escape: takeEscape(byte)
        case .sequence(let parameters): takeSequence(byte, parameters)
        case .oneMore: state = .ground
        case .string(let afterEscape):
            let isOver = byte == 0x07 || (afterEscape && byte == UInt8(ascii: "\\"))
            state = isOver ? .ground : .string(afterEscape: byte == 0x1b)
        }
        return nil
    }

    /// Nothing followed for a while: an Escape that stood alone was the key.
    public mutating func flush() -> Key? {
        guard case .escape = state else { return nil }
        state = .ground
        return .escape
    }

    private mutating func takeGround(_ byte: UInt8) -> Key? {
        if byte & 0xc0 == 0x80 { return takeContinuation(byte) }
        partial = []
        switch byte {
        case 0x1b:
            state = .escape
            return nil
        case 0x03: return .interrupt
        case 0x04: return .endOfInput
        case 0x08, 0x7f: return .backspace
        case 0x0a, 0x0d: return .enter
        case 0x20..<0x7f: return .character(Character(Unicode.Scalar(byte)))
        case 0xc2...0xdf: missing = 1
        case 0xe0...0xef: missing = 2
        case 0xf0...0xf4: missing = 3
        // Other controls, and bytes that begin no character.
        default: return nil
        }
        partial = [byte]
        return nil
    }

    private mutating func takeContinuation(_ byte: UInt8) -> Key? {
        guard !partial.isEmpty else { return nil }
        partial.append(byte)
        missing -= 1
        guard missing == 0 else { return nil }
        defer { partial = [] }
        guard let text = String(validating: partial, as: UTF8.self), let scalar = text.unicodeScalars.first,
            !DisplayText.isControl(scalar)
        else { return nil }
        return .character(Character(scalar))
    }

    private mutating func takeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "["): state = .sequence([])
        case UInt8(ascii: "O"): state = .oneMore
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            state = .string(afterEscape: false)
        // A second Escape begins anew.
        case 0x1b: break
        // A key with Alt: it plays nothing.
        default: state = .ground
        }
    }

    private mutating func takeSequence(_ byte: UInt8, _ parameters: [UInt8]) {
        switch byte {
        case 0x1b: state = .escape
        // The Linux console's function keys: `Escape [ [ A`.
        case UInt8(ascii: "[") where parameters.isEmpty: state = .oneMore
        case 0x40...0x7e:
            state = .ground
            if byte == UInt8(ascii: "~"), parameters == Array("200".utf8) { pasted = [] }
        case 0x20..<0x40 where parameters.count < 32: state = .sequence(parameters + [byte])
        case 0x20..<0x40: break
        // A control character in a sequence ends it.
        default: state = .ground
        }
    }

    private mutating func takePasted(_ byte: UInt8) -> Key? {
        if byte == Self.pasteEnd[matched] {
            matched += 1
            guard matched == Self.pasteEnd.count else { return nil }
            defer {
                pasted = nil
                matched = 0
            }
            return .paste(String(decoding: pasted ?? [], as: UTF8.self))
        }
        let held = Self.pasteEnd[..<matched]
        matched = byte == Self.pasteEnd[0] ? 1 : 0
        if let count = pasted?.count, count < Self.pasteLimit {
            pasted? += held
            if matched == 0 { pasted?.append(byte) }
        }
        return nil
    }
}
