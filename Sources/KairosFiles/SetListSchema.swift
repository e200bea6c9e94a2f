import KairosDSP
import KairosEngine

/// The form of a set list as a JSON Schema (draft 2020-12), for editors that complete and check while one types.
///
/// Names of patches and macros are looked up when it is played or checked: a schema knows no other files.
public enum SetListSchema {
    /// As a text.
    public static var text: String { Schema.text(object) }

    private typealias Object = Schema.Object

    private static var object: Object {
        Schema.file(
            "A set list of Kairos", version: SetListFile.version, required: ["entries"],
            [
                "name": Schema.text("What it is called."),
                "about": Schema.text("One or two sentences for the player."),
                "master": Schema.text("The patch that all parts feed and no program change touches."),
                "keepMacros": kept, "meter": Schema.whole("Beats in a bar.", 1...32),
                "entries": [
                    "type": "array", "minItems": 1, "items": entry,
                    "description": "In the order of next and previous.",
                ] as Object,
            ])
    }

    private static var kept: Object {
        [
            "anyOf": [["const": "all"], ["type": "array", "items": ["type": "string"]]] as [Object],
            "description": "Macros that keep their place over every change: all, or these, by their names.",
        ]
    }

    private static var entry: Object {
        var words: Object = [
            "name": Schema.text("What it is called; its patch's name by default."),
            "bank": Schema.whole("CC 0 × 128 + CC 32.", 0...16_383),
            "program": Schema.whole("As sent, 0 … 127.", 0...127),
            "switch": Schema.word("When it takes over.", SetList.Switching.self),
            "tail": [
                "type": "string", "pattern": "^(ring|cut|fade +.+)$",
                "description": "What becomes of it when another takes over: ring, cut or fade 800 ms.",
            ] as Object,
            "keepMacros": kept,
            "layers": [
                "type": "array", "minItems": 1, "maxItems": 16,
                "items": Schema.object("A layer.", layer, required: ["patch"]),
                "description": "Patches, each with the keys, velocities and channel that it answers.",
            ] as Object,
        ]
        words.merge(layer) { own, _ in own }
        var object = Schema.object("An entry; the words of a single layer may stand in it.", words)
        object["oneOf"] = [["required": ["patch"]], ["required": ["layers"]]]
        return object
    }

    private static var layer: Object {
        func range(_ about: String, _ end: String) -> Object {
            [
                "description": about,
                "anyOf": [
                    ["type": "integer", "minimum": 0, "maximum": 127],
                    ["type": "string", "pattern": "^ *\(end) *(\\.\\. *\(end) *)?$"],
                ] as [Object],
            ]
        }
        return [
            "patch": Schema.text("By its file's name or its own."),
            "keys": range("C2..B3 or 36..59, as received.", "([A-Ga-g][#b]?-?[0-9]+|[0-9]+)"),
            "velocity": range("70..127, as received.", "[0-9]+"),
            "fade": Schema.whole(
                "Over how many velocities it fades at an end that is not 1 or 127.", 0...126),
            "channel": [
                "description": "1 … 16, or any.",
                "anyOf": [["const": "any"], ["type": "integer", "minimum": 1, "maximum": 16]] as [Object],
            ] as Object,
            "transpose": Schema.whole("Semitones.", -60...60),
            "level": Schema.value("Of the layer: -3 dB.", .gain),
            "pan": Schema.value("-100 % left … 100 % right.", .ratio),
            "macros": [
                "type": "object", "description": "Macros by name, or module.parameter, and where they begin.",
                "additionalProperties": Schema.typed("In the parameter's unit."),
            ] as Object,
        ]
    }
}
