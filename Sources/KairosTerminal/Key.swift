/// A key press in the terminal.
public enum Key: Equatable, Sendable {
    /// A character, or a mark that is combined with the one before it.
    case character(Character)
    /// Enter.
    case enter
    /// Backspace.
    case backspace
    /// Escape alone, not as the beginning of a sequence.
    case escape
    /// Ctrl-C, if the terminal does not turn it into a signal.
    case interrupt
    /// Ctrl-D.
    case endOfInput
    /// Pasted text, if the terminal supports bracketed paste.
    case paste(String)
}
