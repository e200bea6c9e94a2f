import Glibc
import KairosEngine

/// What a file of Kairos is, as its first line says: `kairos: patch/1`. [any]
public enum FileKind: String, Sendable, CaseIterable {
    case patch, module, mapping, setlist, presets, session
    /// A Scala scale or keyboard mapping, by its ending.
    case scale, keyboard
    /// A Standard MIDI File, by its ending or its first bytes.
    case midi

    /// The kind of the file at `path`; nil where neither its ending nor its beginning tells it, or it cannot be read.
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

    /// Whether a path names a MIDI file: by its ending, or by how the file begins.
    public static func isSong(_ path: String) -> Bool {
        if FileName.has([".mid", ".midi", ".smf", ".kar", ".rmi"], path) { return true }
        var about = stat()
        // A pipe would be waited for.
        guard stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return false }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var head = [UInt8](repeating: 0, count: 12)
        head.removeLast(head.count - max(0, Glibc.read(file, &head, head.count)))
        return head.starts(with: SMFReader.headerTag)
            || (head.starts(with: Array("RIFF".utf8)) && head.dropFirst(8).elementsEqual("RMID".utf8))
    }

    /// With its article, for messages.
    var noun: String {
        switch self {
        case .setlist: "a set list"
        case .presets: "a file of presets"
        case .scale: "a Scala scale"
        case .keyboard: "a Scala keyboard mapping"
        case .midi: "a MIDI file"
        case .patch, .module, .mapping, .session: "a \(rawValue)"
        }
    }

    /// What a text's first line says; nil where it says nothing of the sort.
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
    /// Without white space around it.
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
