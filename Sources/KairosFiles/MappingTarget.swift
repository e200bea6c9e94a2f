public import KairosControl

extension Mapping.Target {
    /// The texts of all targets except parameters of patches and entries by name.
    public static let words =
        Mapping.Action.words + ["tempo", "nothing"] + Role.allCases.map(\.rawValue)
        + (1...8).map { "macro \($0)" }

    /// Parses the text of `to` in a mapping; nil if it is not a target.
    init?(_ text: String, isWord: (String) -> Bool) {
        if text == "tempo" { self = .tempo; return }
        if text == "nothing" { self = .nothing; return }
        if let action = Mapping.Action(text) { self = .action(action); return }
        if let role = Role(rawValue: text) { self = .role(role); return }
        let words = text.split(separator: " ")
        if words.count == 2, words[0] == "macro", let number = Int(words[1]), (1...8).contains(number) {
            self = .macro(number)
            return
        }
        if words.count == 3, words[0] == "master", words[1] == "macro", let number = Int(words[2]),
            (1...8).contains(number)
        {
            self = .masterMacro(number)
            return
        }
        guard let slash = text.firstIndex(of: "/"), slash != text.startIndex else { return nil }
        let port = text[text.index(after: slash)...].split(separator: ".", omittingEmptySubsequences: false)
        guard port.count == 2, port.allSatisfy({ isWord(String($0)) }) else { return nil }
        self = .port(patch: String(text[..<slash]), module: String(port[0]), port: String(port[1]))
    }
}
