import Foundation
import KairosDSP

/// Building blocks of the JSON Schemas (draft 2020-12) of the file formats. `about` is the description of a
/// value.
enum Schema {
    typealias Object = [String: Any]

    /// A schema as JSON text, with sorted keys.
    static func text(_ object: Object) -> String {
        let options: JSONSerialization.WritingOptions = [
            .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
        ]
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
            return ""
        }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// The schema of a file: the version line, and `properties`, of which `required` must be present.
    /// `order` is the order of the keys in documentation.
    static func file(
        _ title: String, version: String, required: [String], order: [String], _ properties: Object
    ) -> Object {
        var properties = properties
        properties["kairos"] = [
            "const": version, "description": "Format and version of the file; must be the first line.",
        ]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "type": "object",
            "required": ["kairos"] + required, "additionalProperties": false, "properties": properties,
            "propertyOrder": ["kairos"] + order,
        ]
    }

    /// A mapping with the keys of `properties` and no others. `order` is the order of the keys in
    /// documentation.
    static func object(
        _ about: String, _ properties: Object, required: [String] = [], order: [String]
    ) -> Object {
        [
            "type": "object", "description": about, "properties": properties, "required": required,
            "additionalProperties": false, "propertyOrder": order,
        ]
    }

    /// A list of `items`.
    static func list(_ about: String, _ items: Object) -> Object {
        ["type": "array", "description": about, "items": items]
    }

    /// Any text.
    static func text(_ about: String) -> Object { ["type": "string", "description": about] }

    /// `true` or `false`; without the key, `value`.
    static func flag(_ about: String, default value: Bool) -> Object {
        ["type": "boolean", "description": about, "default": value]
    }

    /// One of the words of an enumeration, each with its description. Without the key, `value`; nil if there
    /// is no fixed default.
    static func word<Word: DescribedWord>(_ about: String, _ type: Word.Type, default value: Word?) -> Object
    {
        var object: Object = [
            "enum": Word.allCases.map(\.rawValue), "enumDescriptions": Word.allCases.map(\.about),
            "description": about,
        ]
        object["default"] = value?.rawValue
        return object
    }

    /// A whole number within `range`. Without the key, `value`; nil if there is no fixed default.
    static func whole(_ about: String, _ range: ClosedRange<Int>, default value: Int? = nil) -> Object {
        var object: Object = [
            "type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound, "description": about,
        ]
        object["default"] = value
        return object
    }

    /// A value in the unit of its target, which the schema does not know.
    static func typed(_ about: String) -> Object { ["type": ["string", "number"], "description": about] }

    /// A range of two values in the unit of their target.
    static func range(_ about: String) -> Object {
        [
            "type": "array", "items": ["type": ["string", "number"]] as Object, "minItems": 2, "maxItems": 2,
            "description": about,
        ]
    }

    /// A note value.
    static var noteValue: Object { ["enum": NoteValue.all.map(\.description)] }

    /// A number with one of the unit's suffixes, which may be omitted if the unit does not require one. The
    /// description says `range`, because a pattern cannot. Without the key, `value`.
    static func value(
        _ about: String, _ unit: ParamUnit, range: String? = nil, default value: String? = nil
    ) -> Object {
        let numeral = "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?"
        let suffixes = unit.suffixes.map(\.word).joined(separator: "|")
        let infinite = unit == .gain ? "|-inf dB" : ""
        let isOptional = unit.needsSuffix ? "" : "?"
        var object: Object = [
            "description": about,
            "anyOf": [
                unit.needsSuffix ? ["const": 0] : ["type": "number"],
                ["type": "string", "pattern": "^(\(numeral)( *(\(suffixes)))\(isOptional)\(infinite))$"],
            ] as [Object],
            "unit": unit.rawValue,
        ]
        object["range"] = range
        object["default"] = value
        return object
    }
}
