import Foundation
import KairosControl
import KairosDSP
import KairosPatch

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
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Kairos patch",
            "type": "object",
            "required": ["kairos", "name", "modules"],
            "additionalProperties": false,
            "properties": properties(types),
        ]
    }

    private static func properties(_ types: [ModuleDeclaration]) -> Object {
        [
            "kairos": [
                "const": PatchFile.version,
                "description": "Format and version of the file; must be the first line.",
            ],
            "name": ["type": "string", "description": "Name of the patch."],
            "about": ["type": "string", "description": "Description in one or two sentences."],
            "bank": whole("MIDI bank: CC 0 × 128 + CC 32.", 0...16_383),
            "program": whole("MIDI program number as sent, 0 … 127.", 0...127),
            "voices": [
                "description": "Number of voices, or mono, or legato.",
                "anyOf": [["type": "integer", "minimum": 1, "maximum": 256], ["enum": ["mono", "legato"]]],
            ] as Object,
            "glide": value("Glide time from one note to the next: 80 ms.", .seconds),
            "unison": whole("Number of unison voices per note.", 1...16),
            "unisonDetune": value("Detune between the outermost unison voices: 15 ct.", .semitones),
            "bendRange": value("Pitch bend range up and down: 2 st.", .semitones),
            "tuning": ["type": "string", "description": "Scala scale file (.scl)."],
            "keyboard": ["type": "string", "description": "Scala keyboard mapping file (.kbm)."],
            "level": value("Output level: -12 dB.", .gain),
            "modules": modules(types),
            "connections": connections,
            "macros": [
                "type": "array", "maxItems": 8, "items": macro, "description": "Macros 1 to 8, in order.",
            ] as Object,
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
            "type": "array", "description": "module.outlet -> module.port @ depth",
            "items": ["type": "string", "pattern": connection],
        ]
    }

    private static func module(_ type: ModuleDeclaration) -> Object {
        var properties: Object = [
            "type": ["const": type.name, "description": type.about],
            "each": [
                "enum": Patch.Spread.allCases.map(\.rawValue),
                "description": "Whether the module runs for each voice or once for all voices.",
            ],
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
            for (key, value) in value("", spec.unit) where key != "description" { object[key] = value }
            object["examples"] = [spec.text(spec.defaultValue)]
        }
        return object
    }

    private static var macro: Object {
        [
            "type": "object", "required": ["name", "to"], "additionalProperties": false,
            "properties": [
                "name": ["type": "string", "description": "Name of the macro."],
                "to": ["type": "string", "pattern": "^[^. ]+\\.[^. ]+$", "description": "module.parameter"],
                "range": Schema.range(
                    "The values at the minimum and the maximum of the macro, in the parameter's unit."),
                "role": [
                    "enum": Role.allCases.map(\.rawValue),
                    "description": "What the macro is for; binds the standard MIDI controller.",
                ],
            ] as Object,
        ]
    }

    private static func whole(_ about: String, _ range: ClosedRange<Int>) -> Object {
        Schema.whole(about, range)
    }

    private static func value(_ about: String, _ unit: ParamUnit) -> Object { Schema.value(about, unit) }
}
