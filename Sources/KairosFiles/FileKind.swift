import KairosEngine

/// What a file of Kairos is, as its first line says: `kairos: patch/1`. [any]
public enum FileKind: String, Sendable, CaseIterable {
    case patch, module, mapping, setlist, presets, state
    /// A Scala scale or keyboard mapping, by its ending.
    case scale, keyboard
    /// A Standard MIDI File, by its ending.
    case midi

    /// What the file at `path` is; nil where neither its ending nor its first line says so, or it cannot be read.
    public init?(of path: String) {
        for (kind, endings) in [
            (Self.scale, [".scl"]), (.keyboard, [".kbm"]),
            (.midi, [".mid", ".midi", ".smf", ".kar", ".rmi"]),
        ] where FileName.has(endings, path) {
            self = kind
            return
        }
        guard let text = try? TextFile.read(path) else { return nil }
        self.init(text: text)
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
