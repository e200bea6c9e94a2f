import Foundation
import KairosPatch

/// The JSON Schema (draft 2020-12) of compound module files, for editors with completion and validation.
public enum ModuleSchema {
    private typealias Object = [String: Any]

    /// The schema as JSON text, for compound modules that may use these module types.
    public static func text(_ modules: [ModuleDeclaration]) -> String { Schema.text(object(modules)) }

    private static func object(_ types: [ModuleDeclaration]) -> Object {
        let about: Object = ["type": "string", "description": "Description in one line, for musicians."]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Kairos compound module",
            "type": "object",
            "required": ["kairos", "about", "modules", "outlets"],
            "additionalProperties": false,
            "properties": [
                "kairos": [
                    "const": ModuleFile.version,
                    "description": "Format and version of the file; must be the first line.",
                ],
                "name": ["type": "string", "description": "The file name; may be omitted."],
                "about": about,
                "modules": PatchSchema.modules(types.filter { !$0.isEngine }),
                "connections": PatchSchema.connections,
                "inlets": named(
                    "The inlets and the inner inlets they feed.", ["to": targets, "about": about]),
                "outlets": named(
                    "The outlets and the inner outlets they come from.", ["to": target, "about": about]),
                "params": named(
                    "The parameters and the inner parameters they set.",
                    [
                        "to": targets, "about": about, "default": typed("Default value."),
                        "range": Schema.range("Minimum and maximum."),
                    ]),
            ] as Object,
        ]
    }

    private static var target: Object {
        ["type": "string", "pattern": "^\(PatchSchema.port)$", "description": "module.port"]
    }

    private static var targets: Object {
        ["anyOf": [target, ["type": "array", "minItems": 1, "items": target] as Object]]
    }

    private static func typed(_ about: String) -> Object {
        ["type": ["string", "number", "boolean"], "description": "\(about) In the parameter's unit."]
    }

    /// A mapping from names to targets, each either the value of `to` alone or a mapping with `words`.
    private static func named(_ about: String, _ words: Object) -> Object {
        let long: Object = [
            "type": "object", "required": ["to"], "additionalProperties": false, "properties": words,
        ]
        return [
            "type": "object", "description": about, "propertyNames": ["pattern": PatchSchema.name],
            "additionalProperties": ["anyOf": [words["to"] ?? target, long]],
        ]
    }
}
