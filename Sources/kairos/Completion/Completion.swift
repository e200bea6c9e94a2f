import ArgumentParser

/// A word that a shell may offer, with a description for the shells that show one.
struct Completion {
    /// The word. It ends in '/' if the player continues it, for example after a folder.
    let word: String
    let about: String
    /// True for a folder of the file system.
    let isFolder: Bool

    init(_ word: String, _ about: String = "", isFolder: Bool = false) {
        self.word = word
        self.about = about
        self.isFolder = isFolder
    }

    /// True if the word can be offered: a control character, such as a line break, would make two words of it
    /// or reach the terminal.
    private var isPrintable: Bool { !word.isEmpty && !word.unicodeScalars.contains(where: Self.isControl) }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// The word as the script of `shell` takes it.
    private func text(for shell: CompletionShell?) -> String {
        let about = String(
            String.UnicodeScalarView(about.unicodeScalars.map { Self.isControl($0) ? " " : $0 }))
        switch shell {
        case .bash:
            // Bash expands the words of a list, and adds the slash of a folder itself.
            let word = isFolder ? String(word.dropLast()) : word
            let plain: (Character) -> Bool = { $0.isLetter || $0.isNumber || "-_./:,@+=%".contains($0) }
            return word.allSatisfy(plain) ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        case .zsh:
            // A colon separates the word from its description.
            let word = word.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
            return about.isEmpty ? word : "\(word):\(about)"
        case .fish: return about.isEmpty ? word : "\(word)\t\(about)"
        default: return word
        }
    }

    /// A kind of completion whose words `find` returns. The shell keeps those that fit.
    static func custom(_ find: @escaping @Sendable (CompletionRequest) -> [Completion]) -> CompletionKind {
        .custom { words, _, beginning in
            let shell = CompletionShell.requesting
            return find(CompletionRequest(words: words, beginning: beginning)).filter(\.isPrintable).map {
                $0.text(for: shell)
            }
        }
    }
}
