import KairosPatch
import Yams

extension PatchReader {
    /// The note stages of a patch: a list of mappings with `type`, parameters and, where two have the same type,
    /// `name`. A list of values stands for numbered parameters: `pitch: [0, 7]` for `pitch1: 0, pitch2: 7`.
    mutating func noteStages(_ node: Node) -> [Patch.Module] {
        document.list(node, "notes").compactMap { stage in
            var type: Patch.Text?, name: Patch.Text?
            var settings: [(symbol: Patch.Text, value: Patch.Text)] = []
            for (key, value) in document.pairs(stage, "a note stage") {
                if let values = value.sequence, key.text != "type", key.text != "name" {
                    for (index, value) in values.enumerated() {
                        guard let text = document.text(value, "'\(key.text)'") else { continue }
                        settings.append((Patch.Text("\(key.text)\(index + 1)", key.place), text))
                    }
                    continue
                }
                guard let text = document.text(value, "'\(key.text)'") else { continue }
                switch key.text {
                case "type": type = text
                case "name":
                    if document.isWord(text.text) {
                        name = text
                    } else {
                        document.report(
                            text.place,
                            "invalid name '\(text.text.prefix(80))'; use letters, digits, '-' and '_', beginning with a letter"
                        )
                    }
                default: settings.append((key, text))
                }
            }
            guard let type else {
                if stage.mapping != nil {
                    document.report(stage, "the note stage has no type; add it, for example { type: arp }")
                }
                return nil
            }
            return Patch.Module(name ?? type, type: type, settings: settings, isNoteStage: true)
        }
    }
}
