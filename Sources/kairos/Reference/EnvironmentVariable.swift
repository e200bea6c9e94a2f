/// An environment variable that Kairos reads.
struct EnvironmentVariable {
    let name: String
    let about: String
    /// The long options, without hyphens, whose commands it concerns; empty if it concerns every command.
    var options: Set<String> = []

    private static let folders: Set<String> = ["patches", "modules", "mappings", "setlist", "dir"]

    /// All variables.
    static let all = [
        EnvironmentVariable(
            name: "XDG_CONFIG_HOME",
            about:
                "Folder of your own files; ~/.config if it is not set. Kairos uses the folder kairos in it.",
            options: folders),
        EnvironmentVariable(
            name: "XDG_STATE_HOME",
            about: "Folder of the saved session; ~/.local/state if it is not set. "
                + "Kairos uses the folder kairos in it.",
            options: ["session"]),
        EnvironmentVariable(
            name: "HOME", about: "Your home folder, which ~ stands for on this page.", options: folders),
        EnvironmentVariable(
            name: "KAIROS_DEV_RELOAD", about: "If it is 1, files are reloaded as with --watch.",
            options: ["watch"]),
        EnvironmentVariable(
            name: "PIPEWIRE_LATENCY",
            about: "Buffer size and sample rate that are requested from PipeWire, as in 128/48000. If it or "
                + "PIPEWIRE_QUANTUM is set, Kairos does not request a buffer size of its own.",
            options: ["audio"]),
        EnvironmentVariable(
            name: "PIPEWIRE_QUANTUM", about: "As PIPEWIRE_LATENCY, and forces the value.", options: ["audio"]),
        EnvironmentVariable(
            name: "KAIROS_V3",
            about: "If it is set, the build for x86-64-v3 (AVX2) runs, even if this processor has AVX-512 "
                + "and kairos-v4 is installed."),
        EnvironmentVariable(
            name: "TERM", about: "If it is dumb or not set, no status line is shown.",
            options: ["audio", "output", "connect"]),
    ]

    /// The variables that concern a command with these long options.
    static func concerning(_ options: Set<String>) -> [EnvironmentVariable] {
        all.filter { $0.options.isEmpty || !$0.options.isDisjoint(with: options) }
    }
}
