import Foundation
import KairosControl
import KairosDSP
import KairosEngine

// Values: what stands under /mod.
extension Console {
    static let valueCommands: [OSCCommand] = [
        OSCCommand("/mod", "The modules of what is edited.", answer: "names", example: "/mod") {
            console, call in
            try console.mod(call)
        },
        OSCCommand(
            "/mod/<name>", "A module's type, and its parameters with their values.",
            answer: "the type; then for each parameter its name, value and the value as a text",
            example: "/mod/filt1"
        ) { console, call in try console.mod(call) },
        OSCCommand(
            "/mod/<name>/<param>", [.text("value", optional: true)],
            "Sets a parameter at once: a number in its unit, or a text with one ('2 kHz'). Without a value it asks. Names may be patterns.",
            answer: "the value, and as a text; of a pattern, each with its name before it",
            example: "/mod/filt1/cutoff s '2 kHz'"
        ) { console, call in try console.mod(call) },
        OSCCommand(
            "/mod/<name>/<param>/position", [.number("position", 0...1, optional: true)],
            "The same as a place on the parameter's way, 0 … 1.",
            answer: "the position, and the value as a text",
            example: "/mod/filt1/cutoff/position f 0.5"
        ) { console, call in try console.mod(call) },
    ]

    /// A parameter that is meant.
    private struct Target {
        var module: String
        var param: String
        var spec: ParamSpec
    }

    func mod(_ call: Call) throws -> [OSCValue] {
        let path = call.address.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).map(
            String.init)
        let sound = try sound(of: call.client)
        let playing = engine.sounds[sound].compiled.patch
        let draft = bench.look(call.client, sound: sound)
        var modules = draft.patch.modules
        modules += playing.modules.filter { module in !modules.contains { $0.name.text == module.name.text } }
        guard let pattern = path.first else {
            guard call.values.isEmpty else {
                throw OSCError(.badArguments, "/mod takes no values", name: "/mod")
            }
            return modules.map { .string($0.name.text) }
        }
        let names = modules.map(\.name.text).filter {
            $0 == pattern || OSCMessage.isPattern(pattern) && OSCMessage.matches($0, pattern)
        }
        guard !names.isEmpty else {
            throw EditError(
                .unknownName,
                "there is no module called '\(pattern.prefix(64))'"
                    + didYouMean(String(pattern.prefix(64)), among: modules.map(\.name.text)),
                name: String(pattern.prefix(64)))
        }
        guard path.count > 1 else {
            guard call.values.isEmpty else {
                throw OSCError(
                    .badArguments, "\(call.address) takes no values; say which parameter", name: call.address)
            }
            return try names.flatMap { try list($0, draft, playing, call) }
        }
        let isPosition = path.count == 3 && path[2] == "position"
        guard path.count == 2 || isPosition else {
            throw OSCError(
                .unknownCommand, "/mod/<name>/<param> or /mod/<name>/<param>/position was expected",
                name: call.address)
        }
        guard call.values.count <= 1 else {
            throw OSCError(.badArguments, "\(call.address) takes one value, or none", name: call.address)
        }
        let targets = try targets(names, path[1], draft, playing)
        let isPattern = OSCMessage.isPattern(call.address)
        // All are understood before any is set.
        if let typed = call.values.first {
            let values = try targets.map { try value($0, typed, isPosition: isPosition) }
            for (target, value) in zip(targets, values) { try set(target, value, draft, playing, call) }
            return zip(targets, values).flatMap { said($0, $1, isPosition, named: isPattern) }
        }
        let live = try liveValues(of: call)
        return try targets.flatMap { target in
            let value =
                try live["\(target.module).\(target.param)"] ?? draft.value(target.module, target.param)
            return said(target, value, isPosition, named: isPattern)
        }
    }

    private func liveValues(of call: Call) throws -> [String: Float] {
        let part = part(of: call.client)
        guard let values = try values().first(where: { $0.part == part }) else { return [:] }
        return Dictionary(values.values.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private func list(_ name: String, _ draft: Draft, _ playing: Patch, _ call: Call) throws -> [OSCValue] {
        let type = try type(name, draft, playing)
        let live = try liveValues(of: call)
        var answer: [OSCValue] = [.string(type.name)]
        for (symbol, spec) in type.params {
            let value = try live["\(name).\(symbol)"] ?? draft.value(name, symbol)
            answer += [.string(symbol), .float(value), .string(spec.display(value))]
        }
        return answer
    }

    private func type(_ name: String, _ draft: Draft, _ playing: Patch) throws -> ModuleType {
        if let type = try? draft.type(of: name) { return type }
        return try Draft(playing, catalog: catalog).type(of: name)
    }

    private func targets(
        _ names: [String], _ pattern: String, _ draft: Draft, _ playing: Patch
    ) throws -> [Target] {
        var targets: [Target] = []
        var known: [String] = []
        for name in names {
            for (symbol, spec) in try type(name, draft, playing).params {
                known.append(symbol)
                if symbol == pattern || OSCMessage.isPattern(pattern) && OSCMessage.matches(symbol, pattern) {
                    targets.append(Target(module: name, param: symbol, spec: spec))
                }
            }
        }
        guard !targets.isEmpty else {
            throw EditError(
                .unknownName,
                "'\(names[0])' has no parameter '\(pattern.prefix(64))'"
                    + didYouMean(String(pattern.prefix(64)), among: known),
                name: "\(names[0]).\(pattern.prefix(64))")
        }
        return targets
    }

    private func value(_ target: Target, _ typed: OSCValue, isPosition: Bool) throws -> Float {
        let name = "\(target.module).\(target.param)"
        if isPosition {
            guard let position = typed.number, position >= 0, position <= 1 else {
                throw OSCError(
                    .badArguments, "a position is 0 … 1, and this is '\(typed.text.prefix(40))'", name: name)
            }
            return target.spec.law.value(at: Float(position))
        }
        do {
            switch typed {
            case .string(let text): return try target.spec.parse(text)
            case .bool(let on) where target.spec.kind == .bool: return on ? 1 : 0
            default:
                // A number is in the parameter's own unit; of a choice it is the place.
                let number = Float(typed.number ?? .nan)
                guard number >= target.spec.range.lowerBound, number <= target.spec.range.upperBound else {
                    throw ParamError(
                        "\(typed.text) is outside \(target.spec.display(target.spec.range.lowerBound)) … \(target.spec.display(target.spec.range.upperBound))"
                    )
                }
                guard target.spec.kind == .float || number == number.rounded() else {
                    throw ParamError("\(typed.text) is not a whole number")
                }
                return number
            }
        } catch let error as ParamError { throw EditError(.badValue, "\(name): \(error)", name: name) }
    }

    /// What plays is set at once; what is only in the draft, there.
    private func set(
        _ target: Target, _ value: Float, _ draft: Draft, _ playing: Patch, _ call: Call
    ) throws {
        let isPlaying = playing.modules.contains { $0.name.text == target.module }
        if isPlaying {
            try set(
                Event(
                    set: ParamKeys.key(target.module, target.param), of: part(of: call.client), to: value,
                    stamp: call.stamp))
        }
        guard bench.hasDraft(call.client),
            draft.patch.modules.contains(where: { $0.name.text == target.module })
        else { return }
        try bench.edit(call.client, sound: sound(of: call.client)) { draft throws(EditError) in
            try draft.set(target.module, target.param, to: target.spec.text(value))
        }
    }

    private func said(_ target: Target, _ value: Float, _ isPosition: Bool, named: Bool) -> [OSCValue] {
        let name: [OSCValue] = named ? [.string("\(target.module).\(target.param)")] : []
        let number = isPosition ? target.spec.law.position(of: value) : value
        return name + [.float(number), .string(target.spec.display(value))]
    }
}
