/// A place where Kairos looks for files, or writes one.
struct FileLocation {
    let path: String
    let about: String
    /// The long options, without hyphens, whose commands read or write it.
    let options: Set<String>

    /// All places. `prefix` is the folder below which Kairos is installed, such as `/usr/local`.
    static func all(prefix: String) -> [FileLocation] {
        func both(_ folder: String, _ what: String, _ options: Set<String>) -> [FileLocation] {
            [
                FileLocation(
                    path: "~/.config/kairos/\(folder)/",
                    about: "Your own \(what). A file here replaces an installed one of the same name.",
                    options: options),
                FileLocation(
                    path: "\(prefix)/share/kairos/\(folder)/", about: "The installed \(what).",
                    options: options),
            ]
        }
        return both("Patches", "patches, and set lists (*.setlist.yaml)", ["patches", "setlist"])
            + both("Modules", "compound modules", ["modules"])
            + both("Mappings", "mappings", ["mappings"])
            + [
                FileLocation(
                    path: "~/.config/kairos/Presets/",
                    about: "The presets that are stored over OSC, one file per patch.", options: ["osc"]),
                FileLocation(
                    path: "~/.local/state/kairos/session.yaml",
                    about: "The saved session; with a set list, NAME.session.yaml.", options: ["session"]),
            ]
    }

    /// The places that concern a command with these long options.
    static func concerning(_ options: Set<String>, prefix: String) -> [FileLocation] {
        all(prefix: prefix).filter { !$0.options.isDisjoint(with: options) }
    }
}
