import Foundation
import KairosControl
import KairosDSP
import KairosEngine

/// The form of a patch file as a JSON Schema (draft 2020-12), for editors that complete and check while one types.
///
/// It is made of the modules' own declarations. The compiler remains the judge: a schema knows no cycles.
public enum PatchSchema {
    /// As a text.
    public static func text(_ registry: ModuleRegistry) -> String { Schema.text(object(registry)) }

    private typealias Object = Schema.Object

    static let name = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
    static let port = "[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z][A-Za-z0-9_-]*)?"

    private static func object(_ registry: ModuleRegistry) -> Object {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A patch of Kairos",
            "type": "object",
            "required": ["kairos", "name", "modules"],
            "additionalProperties": false,
            "properties": properties(registry),
        ]
    }

    private static func properties(_ registry: ModuleRegistry) -> Object {
        [
            "kairos": ["const": PatchFile.version, "description": "The form of the file; the first line."],
            "name": ["type": "string", "description": "What it is called."],
            "about": ["type": "string", "description": "One or two sentences for the player."],
            "bank": whole("CC 0 × 128 + CC 32.", 0...16_383),
            "program": whole("As sent, 0 … 127.", 0...127),
            "voices": [
                "description": "How many notes sound at once, or mono, or legato.",
                "anyOf": [["type": "integer", "minimum": 1, "maximum": 256], ["enum": ["mono", "legato"]]],
            ] as Object,
            "glide": value("From one key's pitch to the next one's: 80 ms.", .seconds),
            "unison": whole("How many lanes a note takes.", 1...16),
            "unisonDetune": value("Between the outermost lanes of one note: 15 ct.", .semitones),
            "bendRange": value("The pitch wheel's whole way to one side: 2 st.", .semitones),
            "tuning": ["type": "string", "description": "A Scala scale's file."],
            "keyboard": ["type": "string", "description": "A Scala keyboard mapping's file."],
            "level": value("At the output: -12 dB.", .gain),
            "modules": modules(registry.types),
            "connections": connections,
            "macros": [
                "type": "array", "maxItems": 8, "items": macro, "description": "In the player's order.",
            ] as Object,
        ]
    }

    static func modules(_ types: [ModuleType]) -> [String: Any] {
        [
            "type": "object", "minProperties": 1, "description": "By the names that connections use.",
            "propertyNames": ["pattern": name], "additionalProperties": ["oneOf": types.map(module)],
        ]
    }

    static var connections: [String: Any] {
        let connection = "^ *\(port) *-> *\(port) *(@ *[^ ].*)?$"
        return [
            "type": "array", "description": "module.outlet -> module.port @ depth",
            "items": ["type": "string", "pattern": connection],
        ]
    }

    private static func module(_ type: ModuleType) -> Object {
        var properties: Object = [
            "type": ["const": type.name, "description": type.about],
            "each": [
                "enum": Patch.Spread.allCases.map(\.rawValue), "description": "How many times it runs.",
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
                "name": ["type": "string", "description": "What the player reads."],
                "to": ["type": "string", "pattern": "^[^. ]+\\.[^. ]+$", "description": "module.parameter"],
                "range": Schema.range("The values at its lower and its upper end, in the parameter's unit."),
                "role": ["enum": Role.allCases.map(\.rawValue), "description": "The standard's controller."],
            ] as Object,
        ]
    }

    private static func whole(_ about: String, _ range: ClosedRange<Int>) -> Object {
        Schema.whole(about, range)
    }

    private static func value(_ about: String, _ unit: ParamUnit) -> Object { Schema.value(about, unit) }
}
