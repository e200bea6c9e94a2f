import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import KairosSession

/// Commands that ask: status, entries, module types, meters, subscriptions; and MIDI learn.
struct QueryCommands: CommandGroup {
    private let dispatcher: OSCDispatcher

    init(_ dispatcher: OSCDispatcher) { self.dispatcher = dispatcher }

    static let commands: [OSCCommand] = [
        command(
            "/status", "Shows the playing entry and the voices.",
            answer:
                "entry number from 0 (−1: none), entry name, entry state ('gone' if it plays on but is no longer in the set list), voices, slots in use, whether this client has a draft",
            example: "/status"
        ) { group, request in try group.status(request) },
        command(
            "/entries", "Lists the entries in order.", answer: "for each entry, its name and its state",
            example: "/entries"
        ) { group, _ in
            let dispatcher = group.dispatcher
            return zip(dispatcher.engine.rig.entries, dispatcher.host.states()).flatMap {
                [.string($0.name), .string($1)]
            }
        },
        command("/modules", "Lists the module types.", answer: "names", example: "/modules") { group, _ in
            group.dispatcher.registry.types.map { .string($0.name) }
        },
        command(
            "/modules/<type>", "Describes a module type, or every type that matches a pattern.",
            answer:
                "description; then for each inlet, outlet and parameter 'in', 'out' or 'set', its name and description; for a parameter also its minimum, maximum and default as text; for a pattern, the type's name before each type",
            example: "/modules/saw"
        ) { group, request in
            try group.moduleTypes(request)
        },
        command(
            "/meters", "Shows the render load (0 … 1), xruns, voices, slots in use.",
            answer: "load, xruns, voices, slots in use", example: "/meters"
        ) { group, _ in group.dispatcher.subscribers.meters },
        command(
            "/subscribe", [.text("what"), .whole("seconds", 0...3600, optional: true)],
            "Subscribes to 'values', 'meters', 'state' or 'errors' for a number of seconds (60 if there is none); 0 ends the subscription.",
            answer: "the seconds", example: "/subscribe s meters"
        ) { group, request in
            let seconds = request.has(1) ? request.whole(1) : 60
            guard let topic = Topic(rawValue: request.text(0)) else {
                let all = Topic.allCases.map(\.rawValue)
                throw OSCError(
                    .badArguments,
                    "unknown topic '\(request.text(0).prefix(40))': expected one of \(all.joined(separator: ", "))"
                        + didYouMean(String(request.text(0).prefix(40)), among: all),
                    name: request.address)
            }
            try group.dispatcher.subscribers.subscribe(request.endpoint, topic, seconds: seconds)
            return [.count(seconds)]
        },
        command(
            "/learn/start", [.text("target")],
            "Starts MIDI learn: the next control that is moved is mapped, then the one after it, until `/learn/stop`; see `kairos learn`.",
            answer: "what to do next", example: "/learn/start s 'macro 1'"
        ) { group, request in [.string(try group.learn(.start(request.text(0)), request))] },
        command("/learn/stop", "Stops MIDI learn.", answer: "what was learned", example: "/learn/stop") {
            group, request in [.string(try group.learn(.stop, request))]
        },
        command(
            "/learn/undo", "Removes the control that was learned last.", answer: "what to do next",
            example: "/learn/undo"
        ) {
            group, request in [.string(try group.learn(.undo, request))]
        },
    ]

    private func status(_ request: OSCRequest) throws -> [OSCValue] {
        let engine = dispatcher.engine
        let (rig, index) = engine.playing
        let states = dispatcher.host.states()
        let state = index.map {
            $0 >= rig.entries.count ? "gone" : states.indices.contains($0) ? states[$0] : ""
        }
        return [
            .index(index), .string(index.flatMap { rig.entry(at: $0) }?.name ?? ""), .string(state ?? ""),
            .count(engine.voices), .count(engine.slotsInUse),
            .bool(dispatcher.editor.hasDraft(request.client)),
        ]
    }

    private func learn(_ action: OSCHost.LearnAction, _ request: OSCRequest) throws -> String {
        do { return try dispatcher.host.learn(action) } catch let error as EditError { throw error } catch {
            throw OSCError(.badArguments, "\(error)", name: request.address)
        }
    }

    private func moduleTypes(_ request: OSCRequest) throws -> [OSCValue] {
        let name = String(request.address.dropFirst("/modules/".count)), shown = String(name.prefix(64))
        let isPattern = OSCPattern.isPattern(name)
        var budget = OSCLimits.patternSteps
        let pattern = try OSCPattern(name)
        let all = dispatcher.registry.types
        let types = all.filter { isPattern ? pattern.matches($0.name, &budget) : $0.name == name }
        guard budget > 0 else { throw OSCError.tooManySteps(request) }
        guard !types.isEmpty else {
            throw EditError(
                .unknownType,
                "there is no module type '\(shown)'" + didYouMean(shown, among: all.map(\.name)),
                name: shown)
        }
        return types.flatMap { (isPattern ? [.string($0.name)] : []) + Self.description(of: $0) }
    }

    private static func description(of type: ModuleType) -> [OSCValue] {
        var answer: [OSCValue] = [.string(type.about)]
        for (symbol, info) in type.inlets { answer += [.string("in"), .string(symbol), .string(info.about)] }
        for (symbol, info) in type.outlets {
            answer += [.string("out"), .string(symbol), .string(info.about)]
        }
        for (symbol, _, _, spec) in type.declaration.listedParams {
            answer += [
                .string("set"), .string(symbol), .string(spec.about),
                .string(spec.display(spec.range.lowerBound)),
                .string(spec.display(spec.range.upperBound)), .string(spec.display(spec.defaultValue)),
            ]
        }
        return answer
    }
}
