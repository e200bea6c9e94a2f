/// Decodes the bytes of a terminal to keys: UTF-8 characters and bracketed paste. Escape sequences, as of
/// arrow and function keys, are skipped. A sequence may be split anywhere. [control]
public struct KeyDecoder {
    private enum State {
        case ground
        /// After Escape.
        case escape
        /// After `Escape [`, with the parameters so far.
        case sequence([UInt8])
        /// In a sequence with one byte left.
        case oneMore
        /// Inside a control string, such as the terminal's answer to a query; until BEL or `Escape \`.
        case string(afterEscape: Bool)
    }

    /// The number of bytes of a paste that are kept; the rest is dropped.
    private static let pasteLimit = 4096
    private static let pasteEnd = Array("\u{1b}[201~".utf8)

    private var state = State.ground
    /// The bytes of an incomplete character.
    private var partial: [UInt8] = []
    private var missing = 0
    /// The pasted bytes; nil outside of a paste.
    private var pasted: [UInt8]?
    /// The number of bytes of ``pasteEnd`` that have come.
    private var matched = 0

    /// A decoder outside of any sequence.
    public init() {}

    /// Decodes one byte. Returns the key that it completes, or nil.
    public mutating func decode(_ byte: UInt8) -> Key? {
        if pasted != nil { return decodePasted(byte) }
        switch state {
        case .ground: return decodeGround(byte)
        case .escape: decodeEscape(byte)
        case .sequence(let parameters): decodeSequence(byte, parameters)
        case .oneMore: state = .ground
        case .string(let afterEscape):
            let isOver = byte == 0x07 || (afterEscape && byte == UInt8(ascii: "\\"))
            state = isOver ? .ground : .string(afterEscape: byte == 0x1b)
        }
        return nil
    }

    /// Ends a pending Escape after a pause: returns ``Key/escape`` if nothing followed it, otherwise nil.
    public mutating func flush() -> Key? {
        guard case .escape = state else { return nil }
        state = .ground
        return .escape
    }

    private mutating func decodeGround(_ byte: UInt8) -> Key? {
        if byte & 0xc0 == 0x80 { return decodeContinuation(byte) }
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
        // Other control characters, and bytes that cannot begin a character.
        default: return nil
        }
        partial = [byte]
        return nil
    }

    private mutating func decodeContinuation(_ byte: UInt8) -> Key? {
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

    private mutating func decodeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "["): state = .sequence([])
        case UInt8(ascii: "O"): state = .oneMore
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            state = .string(afterEscape: false)
        // A second Escape restarts the sequence.
        case 0x1b: break
        // A key with Alt is ignored.
        default: state = .ground
        }
    }

    private mutating func decodeSequence(_ byte: UInt8, _ parameters: [UInt8]) {
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

    private mutating func decodePasted(_ byte: UInt8) -> Key? {
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
