import Foundation
import KairosEngine

/// The form of a file of a module that is made of modules as a JSON Schema (draft 2020-12), for editors.
public enum ModuleSchema {
    private typealias Object = [String: Any]

    /// As a text.
    public static func text(_ registry: ModuleRegistry) -> String { Schema.text(object(registry)) }

    private static func object(_ registry: ModuleRegistry) -> Object {
        let about: Object = ["type": "string", "description": "One line for a musician."]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A module of Kairos that is made of modules",
            "type": "object",
            "required": ["kairos", "about", "modules", "outlets"],
            "additionalProperties": false,
            "properties": [
                "kairos": [
                    "const": ModuleFile.version, "description": "The form of the file; the first line.",
                ],
                "name": ["type": "string", "description": "As the file is called; may be left out."],
                "about": about,
                "modules": PatchSchema.modules(registry.types.filter { !$0.isEngine }),
                "connections": PatchSchema.connections,
                "inlets": named("Its inlets, and where they lead.", ["to": targets, "about": about]),
                "outlets": named("Its outlets, and where they come from.", ["to": target, "about": about]),
                "params": named(
                    "Its parameters, and what they move.",
                    [
                        "to": targets, "about": about, "default": typed("When a patch says nothing."),
                        "range": Schema.range("The least value and the greatest."),
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
        ["type": ["string", "number", "boolean"], "description": "In the parameter's unit. \(about)"]
    }

    /// A mapping from names of its own to what stands behind them, in short or at length.
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
