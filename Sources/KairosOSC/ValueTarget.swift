import KairosDSP
import KairosPatch
import KairosSession

/// A parameter of a module, as `/mod` sets and returns it. [any]
struct ValueTarget {
    let module: String
    let param: String
    let spec: ParamSpec
    /// The value in the patch.
    let presetValue: ParamValue

    init(_ module: Patch.Module, _ param: String, _ spec: ParamSpec) {
        self.module = module.name.text
        self.param = param
        self.spec = spec
        let setting = module.settings.last { $0.symbol.text == param }
        presetValue = setting.flatMap { try? spec.parseValue($0.value.text) } ?? spec.initialValue
    }

    /// `module.parameter`.
    var name: String { "\(module).\(param)" }

    /// Converts a value that was sent to the parameter's value. Throws `bad-value` or `bad-arguments`.
    func value(_ sent: OSCValue, isNormalized: Bool) throws -> ParamValue {
        if isNormalized {
            guard let normalized = sent.number, normalized >= 0, normalized <= 1 else {
                throw OSCError(
                    .badArguments, "a normalized value is 0 … 1, and this is \(sent.quoted)", name: name)
            }
            return .number(spec.law.value(normalized: Float(normalized)))
        }
        do {
            switch sent {
            case .string(let text):
                let limit = OSCCommand.Argument.nameLimit
                guard text.utf8.count <= limit else {
                    throw ParamError("the value has \(text.utf8.count) bytes; at most \(limit) are allowed")
                }
                return try spec.parseValue(text)
            case .bool(let on) where spec.kind == .bool: return on ? 1 : 0
            case .impulse, .null, .other:
                throw ParamError("expected a number in the parameter's unit, or a text")
            case .int, .long, .float, .double, .bool: return .number(try value(of: sent))
            }
        } catch let error as ParamError { throw EditError(.badValue, "\(name): \(error)", name: name) }
    }

    /// The value of a number in the parameter's own unit; for a choice, the index of the choice.
    private func value(of sent: OSCValue) throws(ParamError) -> Float {
        guard let number = sent.number.map({ Float($0) }), number >= spec.range.lowerBound,
            number <= spec.range.upperBound
        else {
            throw ParamError(
                "\(sent.text) is outside \(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
            )
        }
        guard spec.kind == .float || number == number.rounded() else {
            throw ParamError("\(sent.text) is not a whole number")
        }
        return number
    }

    /// A value as it is answered: the name if `isNamed`, the number (normalized or in the parameter's unit),
    /// the text. `number` is the value at the present tempo.
    func answer(_ value: ParamValue, number: Float, isNormalized: Bool, isNamed: Bool) -> [OSCValue] {
        let shown = isNormalized ? spec.law.normalized(number) : number
        return (isNamed ? [.string(name)] : []) + [.float(shown), .string(spec.display(value))]
    }
}
