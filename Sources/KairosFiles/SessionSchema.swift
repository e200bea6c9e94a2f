import KairosDSP

/// The JSON Schema (draft 2020-12) of session files. Kairos writes them; the schema is for other programs.
public enum SessionSchema {
    /// The schema as JSON text. An edited patch in it has the schema of patch files.
    public static var text: String { Schema.text(object) }

    private typealias Object = Schema.Object

    private static var object: Object {
        Schema.file(
            "Kairos session", version: SessionFile.version, required: [], order: SessionReader.words,
            [
                "saved": Schema.text("When the session was saved: local time as in RFC 3339."),
                "setlist": Schema.text("Name of the set list; without it, each patch is an entry."),
                "patches": Schema.text("Folder of the patches; without it, the default folders."),
                "entry": Schema.object(
                    "The active entry.",
                    [
                        "name": Schema.text("Name of the entry."),
                        "bank": Schema.whole("MIDI bank: CC 0 × 128 + CC 32.", 0...16_383, default: 0),
                        "program": Schema.whole("MIDI program number as sent.", 0...127),
                    ], required: ["name"], order: SessionReader.entryWords),
                "tempo": tempo, "master": master, "channels": Schema.list("MIDI channels.", channel),
                "keptMacros": [
                    "type": "object",
                    "description": "Normalized values of the macros that keep their value, by name.",
                    "additionalProperties": Schema.value("Normalized value.", .ratio, range: "0 … 100 %"),
                ] as Object,
                "scale": Schema.object(
                    "The tuning of patches without one of their own.",
                    [
                        "name": Schema.text("Name of the scale."),
                        "pitches": Schema.list(
                            "128 pitches in semitones, one per key, 69 for 440 Hz; x for a silent key.",
                            Schema.typed("Pitch.")),
                    ], required: ["pitches"], order: SessionReader.scaleWords),
                "tunings": Schema.list(
                    "Keys that were tuned by MIDI Tuning Standard messages.",
                    Schema.object(
                        "A tuning program.",
                        [
                            "program": Schema.whole("Number of the tuning program.", 0...127),
                            "keys": [
                                "type": "object", "description": "Pitches in semitones, by key number.",
                                "additionalProperties": Schema.value(
                                    "Pitch.", .semitones, range: "0 … 128 st"),
                            ] as Object,
                        ], required: ["program"], order: SessionReader.tuningWords)),
                "values": Schema.list("Values that differ from those of the patches.", layer),
                "edits": Schema.list(
                    "Edited patches.",
                    Schema.object(
                        "An edited patch.",
                        [
                            "file": Schema.text("File name of the patch, without folder and extension."),
                            "base": Schema.text("Fingerprint of the file when the session was saved."),
                            "patch": [
                                "type": "object", "description": "The edited patch, as in a patch file.",
                            ] as Object,
                        ], required: ["file", "patch"], order: SessionReader.editWords)),
            ])
    }

    private static var tempo: Object {
        ["type": "number", "minimum": 20, "maximum": 400, "default": 120, "description": "Beats per minute."]
    }

    private static var master: Object {
        Schema.object(
            "Settings of the whole instrument.",
            [
                "volume": Schema.value("Volume.", .ratio, range: "0 … 100 %", default: "100 %"),
                "balance": Schema.value(
                    "Balance: 0 % is left, 100 % is right.", .ratio, range: "0 … 100 %", default: "50 %"),
                "fineTuning": Schema.value("Fine tuning.", .semitones, range: "-1 … 1 st", default: "0 st"),
                "coarseTuning": Schema.value(
                    "Coarse tuning.", .semitones, range: "-64 … 64 st", default: "0 st"),
            ], order: SessionReader.masterWords)
    }

    private static var channel: Object {
        Schema.object(
            "A MIDI channel.",
            [
                "channel": [
                    "anyOf": [["const": "any"], ["type": "integer", "minimum": 1, "maximum": 16]] as [Object],
                    "description": "MIDI channel, 1 … 16, or any for the instrument's single part.",
                ] as Object,
                "volume": Schema.value("Volume (CC 7).", .ratio, range: "0 … 100 %", default: "100 %"),
                "pan": Schema.value("Pan (CC 10).", .ratio, range: "0 … 100 %", default: "50 %"),
                "bendRange": Schema.value(
                    "Pitch bend range (RPN 0); without it, that of the patch.", .semitones,
                    range: "0 … 128 st"),
                "fineTuning": Schema.whole(
                    "Fine tuning (RPN 1), 8192 for none.", 0...16_383, default: 8192),
                "coarseTuning": Schema.whole("Coarse tuning (RPN 2) in semitones.", -64...63, default: 0),
                "tuningProgram": Schema.whole("Tuning program (RPN 3).", 0...127, default: 0),
                "octave": Schema.list(
                    "Twelve offsets of the note names from C to B.",
                    Schema.value("Offset.", .semitones, range: "-64 … 64 st")),
            ], required: ["channel"], order: SessionReader.channelWords)
    }

    private static var layer: Object {
        Schema.object(
            "Values of a layer.",
            [
                "layer": [
                    "anyOf": [["const": "master"], ["type": "integer", "minimum": 1, "maximum": 16]]
                        as [Object],
                    "description": "Number of the layer, 1 … 16, or master for the master effects.",
                ] as Object,
                "patch": Schema.text("File name of the patch, without folder and extension."),
                "set": PresetSchema.set,
            ], required: ["layer", "patch"], order: SessionReader.layerWords)
    }
}
