import KairosControl
import KairosDSP
import KairosEngine

// Values: what stands under /mod.
extension OSCDispatcher {
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
            "Sets a parameter at once: a number in its unit, or a text with one ('2 kHz'). Without a value it asks. Names may be patterns: all that match are set, or none.",
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

    func mod(_ call: OSCRequest) throws -> [OSCValue] {
        let path = call.address.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).map(
            String.init)
        let sound = try sound(of: call.client)
        let playing = engine.sounds[sound].compiled.patch
        let draft = bench.look(call.client, sound: sound)
        let scope = ValueScope(draft: draft.patch, playing: playing, registry: registry)
        guard let name = path.first else { return scope.modules.map { .string($0.name.text) } }
        var budget = OSCLimits.patternSteps
        let modules = try scope.modules(like: name, &budget)
        guard path.count > 1 else {
            guard call.values.isEmpty else {
                throw OSCError(
                    .badArguments, "\(call.address.prefix(80)) takes no values; say which parameter",
                    name: call.address)
            }
            guard budget > 0 else { throw Self.tooManySteps(call) }
            return try list(modules, scope, call)
        }
        let isPosition = try path.count == 3 && OSCPattern(path[2]).matches("position", &budget)
        guard path.count == 2 || isPosition else {
            throw OSCError(
                .unknownCommand, "/mod/<name>/<param> or /mod/<name>/<param>/position was expected",
                name: String(call.address.prefix(80)))
        }
        guard call.values.count <= 1 else {
            throw OSCError(
                .badArguments, "\(call.address.prefix(80)) takes one value, or none", name: call.address)
        }
        let targets = try scope.targets(modules, path[1], &budget)
        guard budget > 0 else { throw Self.tooManySteps(call) }
        let isPattern = OSCPattern.isPattern(call.address)
        guard let typed = call.values.first else {
            try Self.check(targets.count, OSCLimits.valuesAsked, "are shown", call)
            let live = try liveValues(of: call)
            return targets.flatMap { target in
                target.said(live[target.name] ?? target.presetValue, isPosition, named: isPattern)
            }
        }
        try Self.check(targets.count, OSCLimits.valuesSet, "are set", call)
        // All are understood before any is set.
        let values = try targets.map { try $0.value(typed, isPosition: isPosition) }
        try set(targets, values, draft, scope, call)
        return zip(targets, values).flatMap { $0.said($1, isPosition, named: isPattern) }
    }

    private static func check(_ count: Int, _ limit: Int, _ done: String, _ call: OSCRequest) throws(OSCError)
    {
        guard count > limit else { return }
        throw OSCError(
            .limit,
            "the pattern matches \(count) parameters, and at most \(limit) \(done) at once; nothing was done",
            name: String(call.address.prefix(80)))
    }

    private func liveValues(of call: OSCRequest) throws -> [String: Float] {
        let layer = layer(of: call.client)
        guard let values = try values().first(where: { $0.layer == layer }) else { return [:] }
        return Dictionary(values.values.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private func list(_ modules: [Patch.Module], _ scope: ValueScope, _ call: OSCRequest) throws -> [OSCValue]
    {
        let live = try liveValues(of: call)
        var answer: [OSCValue] = [], count = 0
        for module in modules {
            let (type, targets) = try scope.parameters(of: module)
            count += targets.count
            try Self.check(count, OSCLimits.valuesAsked, "are shown", call)
            answer.append(.string(type.name))
            for target in targets {
                let value = live[target.name] ?? target.presetValue
                answer += [.string(target.param)] + target.said(value, false, named: false)
            }
        }
        return answer
    }

    /// What plays is set at once; what is only in the draft, there. All, or none.
    private func set(
        _ targets: [ValueTarget], _ values: [Float], _ draft: Draft, _ scope: ValueScope, _ call: OSCRequest
    ) throws {
        let layer = layer(of: call.client)
        try set(
            zip(targets, values).filter { scope.isPlaying($0.0.module) }.map { target, value in
                Event(
                    set: ParamKeys.key(target.module, target.param), of: layer, to: value, stamp: call.stamp)
            })
        guard bench.hasDraft(call.client) else { return }
        let inDraft = Set(draft.patch.modules.map(\.name.text))
        try bench.edit(call.client, sound: sound(of: call.client)) { draft throws(EditError) in
            for (target, value) in zip(targets, values) where inDraft.contains(target.module) {
                try draft.set(target.module, target.param, to: target.spec.text(value))
            }
        }
    }
}
