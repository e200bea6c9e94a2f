import KairosDSP
import KairosEngine

/// A parameter of a module, as `/mod` sets and shows it. [any]
struct ValueTarget {
    let module: String
    let param: String
    let spec: ParamSpec
    /// Where the patch has it, in the parameter's own unit.
    let presetValue: Float

    init(_ module: Patch.Module, _ param: String, _ spec: ParamSpec) {
        self.module = module.name.text
        self.param = param
        self.spec = spec
        let setting = module.settings.last { $0.symbol.text == param }
        presetValue = setting.flatMap { try? spec.parse($0.value.text) } ?? spec.defaultValue
    }

    /// `module.parameter`.
    var name: String { "\(module).\(param)" }

    /// The value that was sent, in the parameter's own unit. Throws `bad-value` or `bad-arguments`.
    func value(_ sent: OSCValue, isPosition: Bool) throws -> Float {
        if isPosition {
            guard let position = sent.number, position >= 0, position <= 1 else {
                throw OSCError(.badArguments, "a position is 0 … 1, and this is \(sent.quoted)", name: name)
            }
            return spec.law.value(at: Float(position))
        }
        do {
            switch sent {
            case .string(let text):
                let limit = OSCCommand.Argument.nameLimit
                guard text.utf8.count <= limit else {
                    throw ParamError("the value has \(text.utf8.count) bytes, and at most \(limit) are taken")
                }
                return try spec.parse(text)
            case .bool(let on) where spec.kind == .bool: return on ? 1 : 0
            case .impulse, .null, .other:
                throw ParamError(
                    "a number in the parameter's unit or a text was expected, and this is neither")
            case .int, .long, .float, .double, .bool: return try value(of: sent)
            }
        } catch let error as ParamError { throw EditError(.badValue, "\(name): \(error)", name: name) }
    }

    /// A number is in the parameter's own unit; of a choice it is the place.
    private func value(of sent: OSCValue) throws(ParamError) -> Float {
        let number = Float(sent.number ?? .nan)
        guard number >= spec.range.lowerBound, number <= spec.range.upperBound else {
            throw ParamError(
                "\(sent.text) is outside \(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
            )
        }
        guard spec.kind == .float || number == number.rounded() else {
            throw ParamError("\(sent.text) is not a whole number")
        }
        return number
    }

    /// A value as an answer has it.
    func said(_ value: Float, _ isPosition: Bool, named: Bool) -> [OSCValue] {
        let number = isPosition ? spec.law.position(of: value) : value
        return (named ? [.string(name)] : []) + [.float(number), .string(spec.display(value))]
    }
}
