import KairosPatch

/// The JSON Schema (draft 2020-12) of preset files.
public enum PresetSchema {
    /// The schema as JSON text.
    public static var text: String { Schema.text(object) }

    private static var object: Schema.Object {
        Schema.file(
            "Kairos presets", version: PresetFile.version, required: ["patch", "presets"],
            order: PresetFile.words,
            [
                "patch": Schema.text("File name of the patch, without folder and extension."),
                "presets": Schema.list(
                    "The presets, in the order in which they were saved; at most \(Presets.limit).",
                    Schema.object(
                        "A preset.",
                        ["name": Schema.text("Name of the preset."), "set": set],
                        required: ["name"], order: PresetFile.presetWords)),
            ])
    }

    /// Values by `module.parameter`.
    static var set: Schema.Object {
        [
            "type": "object", "description": "Values, by module.parameter.",
            "additionalProperties": Schema.typed("Value in the parameter's unit."),
        ]
    }
}
