import ArgumentParser
import KairosCompiler
import KairosFiles

/// The file formats of Kairos: for `kairos schema` and the manual pages of section 5.
enum FileFormat: String, CaseIterable, ExpressibleByArgument {
    case patch, module, mapping, setlist, presets, session

    /// The name of the manual page.
    var page: String { "kairos-\(rawValue)" }

    /// The name of the format, with its article, for the beginning of a sentence.
    private var noun: String {
        switch self {
        case .setlist: "set list"
        case .presets: "preset file"
        case .session: "session file"
        case .patch, .module, .mapping: rawValue
        }
    }

    /// The text of the NAME section.
    var about: String {
        switch self {
        case .patch: "patches of Kairos: sounds, as graphs of modules"
        case .module: "compound modules of Kairos: modules made of other modules"
        case .mapping: "mappings of Kairos: what the controls of a controller do"
        case .setlist: "set lists of Kairos: the entries of a show, in order"
        case .presets: "presets of Kairos: named sets of values of one patch"
        case .session: "sessions of Kairos: what is restored at the next start"
        }
    }

    /// The introduction, in paragraphs.
    var introduction: [String] {
        let form =
            "A \(noun) is a YAML file whose first line, apart from comments, is "
            + "'kairos: \(version)'. Keys that are not listed here are errors. "
            + "'kairos check FILE' reports every error with its line and column."
        switch self {
        case .patch:
            return [
                form,
                "A connection leads from an outlet to an inlet, or to a parameter with a depth: "
                    + "'env -> filter.cutoff @ 24 st'. Without a port, the first one is meant.",
                "'kairos modules' lists the module types, and 'kairos modules NAME' describes the inlets, "
                    + "outlets and parameters of one. A module has the key 'type', the values of its parameters, "
                    + "and may have 'each: voice' or 'each: once': whether it runs for each voice, or once "
                    + "for all voices.",
            ]
        case .module:
            return [
                form,
                "The file name without its ending is the module type that patches use: "
                    + "'osc: { type: duo }' for duo.yaml.",
            ]
        case .mapping:
            return [
                form,
                "'kairos learn' writes mappings from the controls you move, and 'kairos monitor' shows "
                    + "what a control sends.",
            ]
        case .setlist: return [form, "The name of the file ends in .setlist.yaml."]
        case .presets, .session:
            return [form, "Kairos writes these files itself; they may be edited while it does not run."]
        }
    }

    /// The version line, without `kairos: `.
    private var version: String { "\(rawValue)/1" }

    /// The long options of the commands that use such files.
    var options: Set<String> {
        switch self {
        case .patch: ["patches", "patch"]
        case .module: ["modules"]
        case .mapping: ["mappings", "mapping"]
        case .setlist: ["setlist"]
        case .session: ["session"]
        case .presets: []
        }
    }

    /// The manual pages of the commands that write such files.
    var writers: Set<String> {
        switch self {
        case .patch: ["kairos-new-patch"]
        case .module: ["kairos-new-module"]
        case .mapping: ["kairos-new-mapping", "kairos-learn"]
        case .setlist: ["kairos-new-setlist"]
        case .presets, .session: []
        }
    }

    /// The manual pages of the commands that concern such files, besides those that have one of the options.
    var pages: Set<String> {
        switch self {
        case .patch, .module, .mapping: writers.union(["kairos-new", "kairos-schema"])
        case .setlist: writers.union(["kairos-new", "kairos-schema", "kairos-setlists"])
        case .presets: ["kairos-osc"]
        case .session: []
        }
    }

    /// The JSON Schema of the format. That of patches and modules lists the modules of `registry`.
    func schema(_ registry: @autoclosure () throws -> ModuleRegistry) rethrows -> String {
        switch self {
        case .patch: PatchSchema.text(try registry().declarations)
        case .module: ModuleSchema.text(try registry().declarations)
        case .mapping: MappingSchema.text
        case .setlist: SetListSchema.text
        case .presets: PresetSchema.text
        case .session: SessionSchema.text
        }
    }

    /// The JSON Schema of the format, with the built-in modules only.
    var schema: String { schema(KnownModules().registry) }

    /// The keys of the format.
    var keys: [FormatKey] { FormatKey.keys(ofSchema: schema) }

    /// An example file.
    var example: String {
        switch self {
        case .patch: NewText.patch("Tide")
        case .module: NewText.module
        case .mapping: NewText.mapping("nanoKONTROL2")
        case .setlist: NewText.setList("Friday")
        case .presets:
            """
            kairos: presets/1
            patch: slow-tide
            presets:
              - name: Dark
                set:
                  filter.cutoff: 400 Hz
                  env.attack: 20 ms

            """
        case .session:
            """
            kairos: session/1
            saved: "2026-11-27 21:14:05"
            entry: { name: Slow Tide, program: 0 }
            tempo: 96
            channels:
              - { channel: 1, volume: 80 % }
            values:
              - layer: 1
                patch: slow-tide
                set:
                  filter.cutoff: 900 Hz

            """
        }
    }
}
