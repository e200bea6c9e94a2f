import Foundation
import KairosFiles

/// A shell's request for completions, made when the player presses Tab: the words of the command line, and the
/// beginning of the word to complete.
struct CompletionRequest {
    /// The words of the command line, with the quotes and backslashes of the shell removed.
    private let words: [String]
    /// The word to complete, up to the cursor.
    let beginning: String

    init(words: [String], beginning: String) {
        self.words = words.map(Self.unquoted)
        // Zsh and fish pass the option too, if it is joined to its value by '='.
        let option = beginning.prefixMatch(of: /--[a-z-]+=/)?.0 ?? ""
        self.beginning = Self.unquoted(String(beginning.dropFirst(option.count)))
    }

    /// The value of a long option, `--patches DIR` or `--patches=DIR`; nil if it is not given.
    func value(of option: String) -> String? {
        for (index, word) in words.enumerated() {
            if word == option, index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
        }
        return nil
    }

    /// The folders that the command would search; empty if the given one does not exist.
    func folders(_ kind: Library.Kind) -> [String] {
        let given = value(of: "--\(kind.rawValue.lowercased())").map(Self.expanded)
        return (try? Library.folders(kind, explicit: given)) ?? []
    }

    /// The modules that patches may use, built in and from the folders.
    var modules: KnownModules { KnownModules(Library.modules(in: folders(.modules))) }

    /// The files and folders that the word may name; folders end in a slash. Hidden ones are left out unless
    /// the word begins with a dot.
    func files(where isWanted: (String) -> Bool) -> [Completion] {
        let slash = beginning.lastIndex(of: "/")
        let folder = slash.map { String(beginning[...$0]) } ?? ""
        let start = slash.map { String(beginning[beginning.index(after: $0)...]) } ?? beginning
        let real = folder.isEmpty ? "." : Self.expanded(folder)
        return Library.names(in: real).filter {
            $0.hasPrefix(start) && ($0.first != "." || start.first == ".")
        }
        .compactMap { name in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: real + "/" + name, isDirectory: &isFolder) else {
                return nil
            }
            if isFolder.boolValue { return Completion(folder + name + "/", "folder", isFolder: true) }
            return isWanted(name) ? Completion(folder + name) : nil
        }
    }

    /// The path with the home folder in place of `~/`.
    static func expanded(_ path: String) -> String {
        path.hasPrefix("~/") ? (ProcessInfo.processInfo.environment["HOME"] ?? "") + path.dropFirst() : path
    }

    /// A word of the command line without quotes and backslashes. Not the shells' full grammar: a name that
    /// contains them is not found.
    private static func unquoted(_ word: String) -> String {
        var result = "", isEscaped = false
        for character in word {
            if !isEscaped, character == "\\" {
                isEscaped = true
            } else if isEscaped || (character != "'" && character != "\"") {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }
}
