/// Names of the file formats before their renaming, with their present names, for messages.
enum FormerName {
    /// The message about a former key; nil if `key` is none whose present name is one of `words`.
    static func message(key: String, among words: [String]) -> String? {
        guard let name = keys[key], words.contains(name) else { return nil }
        return message(
            key, name, write: name == "range" ? "range: [200 Hz, 9 kHz], for example" : "'\(name)'")
    }

    /// The message about a former target of a control; nil if `target` is none. `isTarget` returns true
    /// for a text that is a target.
    static func message(target: String, isTarget: (String) -> Bool) -> String? {
        let name = target.replacing("rack ", with: "master ").replacing("knob ", with: "macro ")
        guard name != target, isTarget(name) else { return nil }
        return message(target, name, write: "to: \(name)")
    }

    private static func message(_ former: String, _ name: String, write correction: String) -> String {
        "'\(former)' was renamed to '\(name)'; write \(correction)"
    }

    private static let keys = [
        "wires": "connections", "knobs": "macros", "from": "range", "upTo": "range", "rack": "master",
        "stays": "keepMacros", "values": "keepMacros", "parts": "layers", "greeting": "onConnect",
        "farewell": "onQuit",
    ]
}
