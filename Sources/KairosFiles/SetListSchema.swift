import KairosDSP
import KairosPatch

/// The JSON Schema (draft 2020-12) of set lists, for editors with completion and validation.
///
/// A schema cannot check names of patches and macros, because they are in other files; `kairos check` does.
public enum SetListSchema {
    /// The schema as JSON text.
    public static var text: String { Schema.text(object) }

    private typealias Object = Schema.Object

    private static var object: Object {
        Schema.file(
            "Kairos set list", version: SetListFile.version, required: ["entries"],
            order: SetListReader.words,
            [
                "name": Schema.text("Name of the set list."),
                "about": Schema.text("Description in one or two sentences."),
                "master": Schema.text(
                    "The patch of the master effects, fed by all layers and not changed by program changes."),
                "keepMacros": kept, "meter": Schema.whole("Beats per bar.", 1...32, default: 4),
                "entries": [
                    "type": "array", "minItems": 1, "items": entry,
                    "description": "The entries, in the order of next and previous.",
                ] as Object,
            ])
    }

    private static var kept: Object {
        [
            "anyOf": [["const": "all"], ["type": "array", "items": ["type": "string"]]] as [Object],
            "description": "Macros that keep their value over program changes: all, or a list of names. In "
                + "an entry it replaces that of the set list.",
        ]
    }

    private static var entry: Object {
        var words: Object = [
            "name": Schema.text("Name of the entry; the name of its patch by default."),
            "bank": Schema.whole("MIDI bank: CC 0 × 128 + CC 32.", 0...16_383, default: 0),
            "program": Schema.whole("MIDI program number as sent.", 0...127),
            "switch": Schema.word(
                "When the change to this entry happens.", SetList.Switching.self, default: .now),
            "tail": [
                "anyOf": [
                    ["enum": ["ring", "cut"]],
                    ["type": "string", "pattern": "^fade +.+$", "examples": ["fade 800 ms"]],
                ] as [Object],
                "default": "ring",
                "description":
                    "What happens to sounding notes at the change to another entry: ring (held notes go on "
                    + "until they are released), cut (they end at once) or a fade as in fade 800 ms.",
            ] as Object,
            "keepMacros": kept,
            "layers": [
                "type": "array", "minItems": 1, "maxItems": 16,
                "items": Schema.object(
                    "A layer.", layer, required: ["patch"], order: SetListReader.layerWords),
                "description": "Patches, each with its key range, velocity range and channel.",
            ] as Object,
        ]
        words.merge(layer) { own, _ in own }
        var object = Schema.object(
            "An entry; a single layer may be written in it directly.", words,
            order: SetListReader.entryWords + SetListReader.layerWords)
        object["oneOf"] = [["required": ["patch"]], ["required": ["layers"]]]
        return object
    }

    private static var layer: Object {
        func range(_ about: String, _ end: String, all: String, example: String) -> Object {
            [
                "description": about, "default": all,
                "anyOf": [
                    ["type": "integer", "minimum": 0, "maximum": 127],
                    [
                        "type": "string", "pattern": "^ *\(end) *(\\.\\. *\(end) *)?$", "examples": [example],
                    ],
                ] as [Object],
            ]
        }
        return [
            "patch": Schema.text("The patch, by its file name or its name."),
            "keys": range(
                "Key range as received; a note name or a number, C4 is 60.", "([A-Ga-g][#b]?-?[0-9]+|[0-9]+)",
                all: "0..127", example: "C2..B3"),
            "velocity": range(
                "Velocity range as received.", "[0-9]+", all: "1..127", example: "70..127"),
            "fade": Schema.whole(
                "Width of the crossfade, in velocities, at ends of the velocity range other than 1 and 127.",
                0...126, default: 0),
            "channel": [
                "description": "MIDI channel.", "default": "any",
                "anyOf": [["const": "any"], ["type": "integer", "minimum": 1, "maximum": 16]] as [Object],
            ] as Object,
            "transpose": Schema.whole("Transposition in semitones.", -60...60, default: 0),
            "level": Schema.value(
                "Level of the layer.", .gain, range: "-inf … 24.08 dB", default: "0 dB"),
            "pan": Schema.value(
                "Pan: -100 % is left, 100 % is right.", .ratio, range: "-100 … 100 %", default: "0 %"),
            "macros": [
                "type": "object",
                "description": "Initial values of macros, by name, and of parameters, by module.parameter.",
                "additionalProperties": Schema.typed("Value in the parameter's unit."),
            ] as Object,
        ]
    }
}
