import Glibc
import KairosPatch

/// The kind of a file that Kairos can read. [any]
///
/// Kairos's own kinds are known from the first line, as in `kairos: patch/1`, which contains the raw value.
public enum FileKind: String, Sendable, CaseIterable {
    /// A YAML file of Kairos.
    case patch, module, mapping, setlist, presets, session
    /// A Scala scale (.scl) or keyboard mapping (.kbm), known from its extension.
    case scale, keyboard
    /// A Standard MIDI File, known from its extension or its first bytes.
    case midi

    /// The kind of the file at `path`; nil if neither extension nor contents determine it, or if it cannot be
    /// read.
    public init?(of path: String) {
        if Self.isSong(path) {
            self = .midi
            return
        }
        for (kind, ending) in [(Self.scale, ".scl"), (.keyboard, ".kbm")] where FileName.has([ending], path) {
            self = kind
            return
        }
        guard let text = try? TextFile.read(path, .patch) else { return nil }
        self.init(text: text)
    }

    /// True if a path names a MIDI file: by its extension, or by the first bytes of the file.
    public static func isSong(_ path: String) -> Bool {
        if FileName.has([".mid", ".midi", ".smf", ".kar", ".rmi"], path) { return true }
        // Opening or reading a pipe could block.
        guard let status = SystemCall.status(path), status.st_mode & S_IFMT == S_IFREG,
            let file = SystemCall.open(path, O_RDONLY | O_NONBLOCK)
        else { return false }
        defer { close(file) }
        let head = SystemCall.read(file, atMost: 12) ?? []
        return head.starts(with: SMFReader.headerTag)
            || (head.starts(with: Array("RIFF".utf8)) && head.dropFirst(8).elementsEqual("RMID".utf8))
    }

    /// The name of the kind with its article, for messages.
    var noun: String {
        switch self {
        case .setlist: "a set list"
        case .presets: "a preset file"
        case .scale: "a Scala scale"
        case .keyboard: "a Scala keyboard mapping"
        case .midi: "a MIDI file"
        case .patch, .module, .mapping, .session: "a \(rawValue)"
        }
    }

    /// The kind that the first line of a text names, after comments, directives and blank lines; nil if it
    /// names none.
    init?(text: String) {
        for line in text.split(separator: "\n", maxSplits: 64) {
            let line = line.trimmingSpaces
            if line.isEmpty || line.first == "#" || line.first == "%" || line.hasPrefix("---") { continue }
            let words = line.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
            guard words.count >= 2, words[0] == "kairos", let kind = FileKind(rawValue: String(words[1]))
            else {
                return nil
            }
            self = kind
            return
        }
        return nil
    }
}

extension Substring {
    /// The text without leading and trailing white space.
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
