import Foundation
import KairosDSP

/// What the JSON Schemas (draft 2020-12) of the file formats share.
enum Schema {
    typealias Object = [String: Any]

    /// A schema as a text, its keys in order.
    static func text(_ object: Object) -> String {
        let options: JSONSerialization.WritingOptions = [
            .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
        ]
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
            return ""
        }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// A file of one form: the version's word and what else may stand in it.
    static func file(_ title: String, version: String, required: [String], _ properties: Object) -> Object {
        var properties = properties
        properties["kairos"] = ["const": version, "description": "The form of the file; the first line."]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "type": "object",
            "required": ["kairos"] + required, "additionalProperties": false, "properties": properties,
        ]
    }

    /// A mapping with these keys and no others.
    static func object(_ about: String, _ properties: Object, required: [String] = []) -> Object {
        [
            "type": "object", "description": about, "properties": properties, "required": required,
            "additionalProperties": false,
        ]
    }

    static func text(_ about: String) -> Object { ["type": "string", "description": about] }

    static func flag(_ about: String) -> Object { ["type": "boolean", "description": about] }

    static func word<Word: CaseIterable & RawRepresentable>(_ about: String, _ type: Word.Type) -> Object
    where Word.RawValue == String {
        ["enum": Word.allCases.map(\.rawValue), "description": about]
    }

    static func whole(_ about: String, _ range: ClosedRange<Int>) -> Object {
        [
            "type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound, "description": about,
        ]
    }

    /// What is typed in a unit that only the target knows.
    static func typed(_ about: String) -> Object { ["type": ["string", "number"], "description": about] }

    /// Two typed values.
    static func range(_ about: String) -> Object {
        [
            "type": "array", "items": ["type": ["string", "number"]] as Object, "minItems": 2, "maxItems": 2,
            "description": about,
        ]
    }

    /// A number with one of the unit's suffixes, or without where it is not ambiguous.
    static func value(_ about: String, _ unit: ParamUnit) -> Object {
        let numeral = "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?"
        let suffixes = unit.suffixes.map(\.word).joined(separator: "|")
        let infinite = unit == .gain ? "|-inf dB" : ""
        let isOptional = unit.needsSuffix ? "" : "?"
        return [
            "description": about,
            "anyOf": [
                unit.needsSuffix ? ["const": 0] : ["type": "number"],
                ["type": "string", "pattern": "^(\(numeral)( *(\(suffixes)))\(isOptional)\(infinite))$"],
            ] as [Object],
        ]
    }
}
