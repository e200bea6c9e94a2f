import Foundation

/// A key of a file format, as the JSON Schema of the format declares it.
struct FormatKey {
    let name: String
    /// The meaning of the value.
    let about: String
    /// The form of a value: `whole number, 1 … 16`.
    let form: String
    let isRequired: Bool
    /// The keys inside the value, if it is a mapping or a list of mappings; the words, if it is one of several.
    let keys: [FormatKey]

    private typealias Object = [String: Any]

    /// The keys of a file, in the order in which files have them. Empty if `schema` is not a JSON Schema.
    static func keys(ofSchema schema: String) -> [FormatKey] {
        let object = try? JSONSerialization.jsonObject(with: Data(schema.utf8)) as? Object
        return object.map(keys(of:)) ?? []
    }

    /// The module types that a schema allows, with their descriptions.
    static func moduleTypes(inSchema schema: String) -> [(name: String, about: String)] {
        let object = try? JSONSerialization.jsonObject(with: Data(schema.utf8)) as? Object
        let properties = object?["properties"] as? Object
        let modules = (properties?["modules"] as? Object)?["additionalProperties"] as? Object
        return (modules?["oneOf"] as? [Object] ?? []).map { type in
            (type["title"] as? String ?? "", type["description"] as? String ?? "")
        }
    }

    private static func keys(of object: Object) -> [FormatKey] {
        guard let properties = object["properties"] as? Object else { return [] }
        let required = object["required"] as? [String] ?? []
        let order = object["propertyOrder"] as? [String] ?? []
        func rank(_ name: String) -> Int { order.firstIndex(of: name) ?? order.count }
        return properties.keys.sorted { (rank($0), $0) < (rank($1), $1) }.map { name in
            let value = properties[name] as? Object ?? [:]
            return FormatKey(
                name: name, about: about(value), form: form(value), isRequired: required.contains(name),
                keys: words(value) ?? inner(value))
        }
    }

    /// The description of a value, with its range and its default.
    private static func about(_ value: Object) -> String {
        var text = value["description"] as? String ?? ""
        if let range = value["range"] { text += " Range: \(range)." }
        if let preset = value["default"] {
            let isFlag = value["type"] as? String == "boolean"
            text += " Default: " + (isFlag ? "\(preset as? Bool ?? true)" : "\(preset)") + "."
        }
        return text
    }

    /// The words of an enumeration with their descriptions; nil if `value` is no such enumeration.
    private static func words(_ value: Object) -> [FormatKey]? {
        guard let words = value["enum"] as? [String], let about = value["enumDescriptions"] as? [String]
        else {
            return nil
        }
        return zip(words, about).map { word, about in
            FormatKey(name: word, about: about, form: "", isRequired: false, keys: [])
        }
    }

    /// The keys inside a value. The module types are left out: `kairos modules` describes them.
    private static func inner(_ value: Object) -> [FormatKey] {
        if let item = value["items"] as? Object { return inner(item) }
        if let item = value["additionalProperties"] as? Object {
            return alternatives(item).lazy.map(inner).first { !$0.isEmpty } ?? inner(item)
        }
        let nested = alternatives(value).lazy.map(inner).first { !$0.isEmpty }
        return nested ?? keys(of: value)
    }

    private static func alternatives(_ value: Object) -> [Object] { value["anyOf"] as? [Object] ?? [] }

    /// A value in words.
    private static func form(_ value: Object) -> String {
        if let constant = value["const"] { return "\(constant)" }
        if value["enumDescriptions"] != nil { return "one of the following words" }
        if let words = value["enum"] as? [Any] { return listed(words.map { "\($0)" }) }
        let choices = alternatives(value)
        if !choices.isEmpty { return joined(choices) }
        switch value["type"] {
        case let types as [String]: return types.contains("boolean") ? "value" : "number or number with unit"
        case let type as String where type == "integer": return "whole number" + limits(value)
        case let type as String where type == "number": return "number" + limits(value)
        case let type as String where type == "boolean": return "true or false"
        case let type as String where type == "array":
            let item = (value["items"] as? Object).map(form) ?? "value"
            let range = (value["minItems"] as? Int, value["maxItems"] as? Int)
            if let count = range.0, count == range.1 { return "list of \(count), each: \(item)" }
            let items = ["mapping", "text"].contains(item) ? "list of \(item)s" : "list, each: \(item)"
            return items + (range.1.map { ", at most \($0)" } ?? "")
        case let type as String where type == "object": return "mapping"
        default: return "text"
        }
    }

    /// Alternatives, joined by "or". A number and a text with units are one: a number with a unit.
    private static func joined(_ choices: [Object]) -> String {
        let units = choices.lazy.compactMap { choice in
            (choice["pattern"] as? String)?.firstMatch(of: /\( \*\(([^)]+)\)\)/).map { String($0.1) }
        }.first
        if let units {
            let isBare = choices.contains { $0["type"] as? String == "number" }
            let list = units.split(separator: "|").joined(separator: ", ")
            return "number with unit (\(list))" + (isBare ? ", or without" : "")
        }
        var forms: [String] = []
        for choice in choices.map(form) where !forms.contains(choice) { forms.append(choice) }
        return forms.joined(separator: ", or ")
    }

    private static func limits(_ value: Object) -> String {
        guard let low = value["minimum"] as? Int, let high = value["maximum"] as? Int else { return "" }
        return ", \(low) … \(high)"
    }

    private static func listed(_ words: [String]) -> String {
        words.count < 2
            ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    }
}
