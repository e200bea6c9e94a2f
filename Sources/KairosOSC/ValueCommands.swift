import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import KairosSession

/// The commands under `/mod`: modules, parameters and their values.
struct ValueCommands: CommandGroup {
    private let dispatcher: OSCDispatcher

    init(_ dispatcher: OSCDispatcher) { self.dispatcher = dispatcher }

    static let commands: [OSCCommand] = [
        command(
            "/mod", "Lists the modules of the draft and of the sounding patch.", answer: "names",
            example: "/mod"
        ) { group, request in try group.run(request) },
        command(
            "/mod/<name>", "Shows a module's type, and its parameters with their values.",
            answer: "the type; then for each parameter its name, its value, and the value as text",
            example: "/mod/filt1"
        ) { group, request in try group.run(request) },
        command(
            "/mod/<name>/<param>", [.text("value", optional: true)],
            "Sets a parameter at once: a number in its unit, or a text with a unit ('2 kHz') or, for a time or rate that can follow the tempo, a note value ('1/8'). Without a value, returns it. Names may be patterns: all matching parameters are set, or none.",
            answer: "the value, and the value as text; for a pattern, each parameter's name before its value",
            example: "/mod/filt1/cutoff s '2 kHz'"
        ) { group, request in try group.run(request) },
        command(
            "/mod/<name>/<param>/normalized", [.number("value", 0...1, optional: true)],
            "Sets or returns a parameter as a normalized value, 0 … 1.",
            answer: "the normalized value, and the value as text",
            example: "/mod/filt1/cutoff/normalized f 0.5"
        ) { group, request in try group.run(request) },
    ]

    /// Carries out a request whose address begins with `/mod`.
    func run(_ request: OSCRequest) throws -> [OSCValue] {
        let path = request.address.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).map(
            String.init)
        let sound = try dispatcher.sound(of: request.client)
        let playing = dispatcher.engine.sounds[sound].compiled.patch
        let draft = dispatcher.editor.draft(of: request.client, sound: sound)
        let scope = ValueScope(draft: draft.patch, playing: playing, registry: dispatcher.registry)
        guard let name = path.first else { return scope.modules.map { .string($0.name.text) } }
        var budget = OSCLimits.patternSteps
        let modules = try scope.modules(matching: name, &budget)
        guard path.count > 1 else {
            guard request.values.isEmpty else {
                throw OSCError(
                    .badArguments, "\(request.address.prefix(80)) takes no value; add a parameter name",
                    name: request.address)
            }
            guard budget > 0 else { throw OSCError.tooManySteps(request) }
            return try list(modules, scope, request)
        }
        let isNormalized = try path.count == 3 && OSCPattern(path[2]).matches("normalized", &budget)
        guard path.count == 2 || isNormalized else {
            throw OSCError(
                .unknownCommand, "expected /mod/<name>/<param> or /mod/<name>/<param>/normalized",
                name: String(request.address.prefix(80)))
        }
        guard request.values.count <= 1 else {
            throw OSCError(
                .badArguments, "\(request.address.prefix(80)) takes one value or none", name: request.address)
        }
        let targets = try scope.targets(modules, path[1], &budget)
        guard budget > 0 else { throw OSCError.tooManySteps(request) }
        let isPattern = OSCPattern.isPattern(request.address)
        guard let sent = request.values.first else {
            try Self.check(targets.count, OSCLimits.valuesRead, "read", request)
            let live = try liveValues(of: request)
            return targets.flatMap { target in
                answer(
                    target, live[target.name] ?? target.presetValue, isNormalized: isNormalized,
                    isNamed: isPattern)
            }
        }
        try Self.check(targets.count, OSCLimits.valuesSet, "set", request)
        // All values are converted before any is set, so that a refused value sets none.
        let values = try targets.map { try $0.value(sent, isNormalized: isNormalized) }
        try set(targets, values, draft, scope, request)
        return zip(targets, values).flatMap {
            answer($0, $1, isNormalized: isNormalized, isNamed: isPattern)
        }
    }

    /// The answer for a target, with the number of a note value at the present tempo.
    private func answer(
        _ target: ValueTarget, _ value: ParamValue, isNormalized: Bool, isNamed: Bool
    ) -> [OSCValue] {
        target.answer(
            value, number: dispatcher.snapshots.number(of: value, target.spec), isNormalized: isNormalized,
            isNamed: isNamed)
    }

    /// Throws `limit` if a pattern matches more than `limit` parameters. `action` is "read" or "set".
    private static func check(
        _ count: Int, _ limit: Int, _ action: String, _ request: OSCRequest
    ) throws(OSCError) {
        guard count > limit else { return }
        throw OSCError(
            .limit,
            "the pattern matches \(count) parameters; at most \(limit) can be \(action) at once; nothing was done",
            name: String(request.address.prefix(80)))
    }

    /// The current values of the client's layer, by `module.parameter`; empty if the layer does not sound.
    private func liveValues(of request: OSCRequest) throws -> [String: ParamValue] {
        let layer = dispatcher.layer(of: request.client)
        guard let values = try dispatcher.values().first(where: { $0.layer == layer }) else { return [:] }
        return Dictionary(values.values.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private func list(
        _ modules: [Patch.Module], _ scope: ValueScope, _ request: OSCRequest
    ) throws -> [OSCValue] {
        let live = try liveValues(of: request)
        var answer: [OSCValue] = [], count = 0
        for module in modules {
            let (type, targets) = try scope.parameters(of: module)
            count += targets.count
            try Self.check(count, OSCLimits.valuesRead, "read", request)
            answer.append(.string(type.name))
            for target in targets {
                let value = live[target.name] ?? target.presetValue
                answer += [.string(target.param)]
                answer += self.answer(target, value, isNormalized: false, isNamed: false)
            }
        }
        return answer
    }

    /// Sets values of sounding modules at once, and those of the client's draft in the draft: all of them, or
    /// none.
    private func set(
        _ targets: [ValueTarget], _ values: [ParamValue], _ draft: Draft, _ scope: ValueScope,
        _ request: OSCRequest
    ) throws {
        let layer = dispatcher.layer(of: request.client)
        try dispatcher.inputs.sendValues(
            zip(targets, values).filter { scope.isPlaying($0.0.module) }.map { target, value in
                Event(
                    set: ParamKeys.key(target.module, target.param), of: layer, to: value,
                    stamp: request.stamp)
            })
        guard dispatcher.editor.hasDraft(request.client) else { return }
        let names = Set(draft.patch.modules.map(\.name.text))
        let sound = try dispatcher.sound(of: request.client)
        try dispatcher.editor.edit(request.client, sound: sound) { draft throws(EditError) in
            for (target, value) in zip(targets, values) where names.contains(target.module) {
                try draft.set(target.module, target.param, to: target.spec.text(value))
            }
        }
    }
}
