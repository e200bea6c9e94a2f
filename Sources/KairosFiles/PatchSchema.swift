import Foundation
import KairosControl
import KairosDSP
public import KairosPatch

/// The JSON Schema (draft 2020-12) of patch files, for editors with completion and validation.
///
/// It is generated from the declarations of the modules. It accepts more than the compiler does: a schema
/// cannot express that a patch has no cycles, for example.
public enum PatchSchema {
    /// The schema as JSON text, for patches that may use these module types.
    public static func text(_ modules: [ModuleDeclaration]) -> String { Schema.text(object(modules)) }

    private typealias Object = Schema.Object

    /// Pattern of a module's name.
    static let name = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
    /// Pattern of `module` or `module.port`, without anchors.
    static let port = "[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z][A-Za-z0-9_-]*)?"

    private static func object(_ types: [ModuleDeclaration]) -> Object {
        Schema.file(
            "Kairos patch", version: PatchFile.version, required: ["name", "modules"],
            order: PatchReader.words,
            [
                "name": Schema.text("Name of the patch."),
                "about": Schema.text("Description in one or two sentences."),
                "bank": Schema.whole("MIDI bank: CC 0 × 128 + CC 32.", 0...16_383, default: 0),
                "program": Schema.whole("MIDI program number as sent.", 0...127),
                "voices": [
                    "description": "Number of voices, or mono, or legato (mono without a new attack for "
                        + "tied notes).",
                    "anyOf": [
                        ["type": "integer", "minimum": 1, "maximum": 256], ["enum": ["mono", "legato"]],
                    ],
                    "default": Voicing().voices,
                ] as Object,
                "glide": Schema.value(
                    "Glide time from one note to the next.", .seconds, range: "0 … 20 s", default: "0 s"),
                "unison": Schema.whole("Number of unison voices per note.", 1...16, default: 1),
                "unisonDetune": Schema.value(
                    "Detune between the outermost unison voices.", .semitones, range: "0 … 12 st",
                    default: "15 ct"),
                "bendRange": Schema.value(
                    "Pitch bend range up and down.", .semitones, range: "0 … 96 st", default: "2 st"),
                "tuning": Schema.text("Scala scale file (.scl), relative to the patch's folder."),
                "keyboard": Schema.text(
                    "Scala keyboard mapping file (.kbm), relative to the patch's folder."),
                "level": level, "notes": notes(types),
                "modules": modules(types.filter { !$0.isNoteStage }), "connections": connections,
                "macros": [
                    "type": "array", "maxItems": 8, "items": macro, "description": "Macros 1 to 8, in order.",
                ] as Object,
            ])
    }

    private static var level: Object {
        let text = ParamSpec.gain("").display(PatchReader.voiceLevel)
        return Schema.value(
            "Output level; by default \(text), and 0 dB for master effects.", .gain,
            range: "-inf … 24.08 dB")
    }

    /// The schema of `notes`, for the note stages among the given module types.
    private static func notes(_ types: [ModuleDeclaration]) -> Object {
        let stages = types.filter(\.isNoteStage).map { type in
            var stage = module(type)
            var properties = stage["properties"] as? Object ?? [:]
            properties["each"] = nil
            properties["name"] = [
                "type": "string", "pattern": name,
                "description": "Name of the note stage; by default its type.",
            ]
            for param in type.listedParams where param.count > 1 {
                properties[param.name] =
                    [
                        "type": "array", "maxItems": param.count, "items": self.param(param.spec),
                        "description": "\(param.symbol), in order.",
                    ] as Object
            }
            stage["properties"] = properties
            return stage
        }
        return [
            "type": "array", "maxItems": Patch.noteStageLimit, "items": ["oneOf": stages],
            "description":
                "The note stages in front of the voices, first to last: arpeggiator, chord, scale.",
        ]
    }

    /// The schema of `modules`, for the given module types.
    static func modules(_ types: [ModuleDeclaration]) -> [String: Any] {
        [
            "type": "object", "minProperties": 1, "description": "The modules, by name.",
            "propertyNames": ["pattern": name], "additionalProperties": ["oneOf": types.map(module)],
        ]
    }

    /// The schema of `connections`.
    static var connections: [String: Any] {
        let connection = "^ *\(port) *-> *\(port) *(@ *[^ ].*)?$"
        return [
            "type": "array",
            "description":
                "Connections: module.outlet -> module.inlet, or module.outlet -> module.parameter @ "
                + "depth. Without the name of an outlet or inlet, the module's first one.",
            "items": [
                "type": "string", "pattern": connection, "examples": ["env -> filter.cutoff @ 24 st"],
            ] as [String: Any],
        ]
    }

    private static func module(_ type: ModuleDeclaration) -> Object {
        var properties: Object = [
            "type": ["const": type.name, "description": type.about],
            "each": Schema.word(
                "Whether the module runs for each voice or once; by default for each voice if a signal of the "
                    + "voices reaches it.", Patch.Spread.self, default: nil),
        ]
        for (symbol, spec) in type.params { properties[symbol] = param(spec) }
        return [
            "type": "object", "title": type.name, "description": type.about, "required": ["type"],
            "additionalProperties": false, "properties": properties,
        ]
    }

    private static func param(_ spec: ParamSpec) -> Object {
        let range = "\(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
        var object: Object = ["description": "\(spec.about) \(range)"]
        switch spec.kind {
        case .choice(let words): object["enum"] = words
        case .bool: object["type"] = "boolean"
        case .int:
            object["type"] = "integer"
            object["minimum"] = Int(spec.range.lowerBound)
            object["maximum"] = Int(spec.range.upperBound)
        case .float:
            for (key, value) in Schema.value("", spec.unit) where key != "description" { object[key] = value }
            object["examples"] = [spec.text(spec.initialValue)] + (spec.canFollowTempo ? ["1/8"] : [])
            if spec.canFollowTempo {
                object["anyOf"] = (object["anyOf"] as? [Object] ?? []) + [Schema.noteValue]
                object["description"] = "\(spec.about) \(range), or a note value"
            }
        }
        return object
    }

    private static var macro: Object {
        Schema.object(
            "A macro.",
            [
                "name": Schema.text("Name of the macro."),
                "to": [
                    "type": "string", "pattern": "^[^. ]+\\.[^. ]+$", "examples": ["filter.cutoff"],
                    "description": "The parameter that it moves, as module.parameter.",
                ] as Object,
                "range": Schema.range(
                    "The values at the minimum and the maximum of the macro, in the parameter's unit; by "
                        + "default the parameter's own range."),
                "role": Schema.word(
                    "What the macro is for; binds the standard MIDI controller.", Role.self, default: nil),
            ], required: ["name", "to"], order: PatchReader.macroWords)
    }
}
