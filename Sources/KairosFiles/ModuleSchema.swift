import Foundation
public import KairosPatch

/// The JSON Schema (draft 2020-12) of compound module files, for editors with completion and validation.
public enum ModuleSchema {
    private typealias Object = Schema.Object

    /// The schema as JSON text, for compound modules that may use these module types.
    public static func text(_ modules: [ModuleDeclaration]) -> String { Schema.text(object(modules)) }

    private static func object(_ types: [ModuleDeclaration]) -> Object {
        let about = Schema.text("Description in one line, for players.")
        return Schema.file(
            "Kairos compound module", version: ModuleFile.version, required: ["about", "modules", "outlets"],
            order: ModuleReader.words,
            [
                "name": Schema.text("Name of the module: that of the file. It may be omitted."),
                "about": about,
                "modules": PatchSchema.modules(types.filter { !$0.isEngine && !$0.isNoteStage }),
                "connections": PatchSchema.connections,
                "inlets": named(
                    "The inlets, by name: the inner inlets that each feeds.",
                    [
                        "to": targets("The inner inlets, as module.inlet."), "about": about,
                    ], order: ModuleReader.portWords),
                "outlets": named(
                    "The outlets, by name: the inner outlet that each comes from.",
                    [
                        "to": target("The inner outlet, as module.outlet."), "about": about,
                    ], order: ModuleReader.portWords),
                "params": named(
                    "The parameters, by name: the inner parameters that each sets.",
                    [
                        "to": targets("The inner parameters, as module.parameter."), "about": about,
                        "default": typed(
                            "Default value, in the parameter's unit; by default that of the first target."),
                        "range": Schema.range(
                            "Minimum and maximum, in the parameter's unit; by default those of the targets."),
                    ], order: ModuleReader.paramWords),
            ])
    }

    private static func target(_ about: String) -> Object {
        [
            "type": "string", "pattern": "^\(PatchSchema.port)$", "description": about,
            "examples": ["filter.cutoff"],
        ]
    }

    private static func targets(_ about: String) -> Object {
        [
            "anyOf": [target(about), ["type": "array", "minItems": 1, "items": target(about)] as Object],
            "description": about,
        ]
    }

    private static func typed(_ about: String) -> Object {
        ["type": ["string", "number", "boolean"], "description": about]
    }

    /// A mapping from names to targets, each either the value of `to` alone or a mapping with `words`.
    private static func named(_ about: String, _ words: Object, order: [String]) -> Object {
        let long = Schema.object(about, words, required: ["to"], order: order)
        return [
            "type": "object", "description": about, "propertyNames": ["pattern": PatchSchema.name],
            "additionalProperties": ["anyOf": [words["to"] ?? [:], long]],
        ]
    }
}
