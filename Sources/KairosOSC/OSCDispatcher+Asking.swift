import KairosControl
import KairosDSP
import KairosEngine

// What there is and how it goes.
extension OSCDispatcher {
    static let askingCommands: [OSCCommand] = [
        OSCCommand(
            "/status", "What plays.",
            answer:
                "the entry's place from 0, its name, its state ('gone' where it plays on and stands in no list any more), voices, slots, and whether this client has a draft",
            example: "/status"
        ) { console, call in
            let (rig, place) = console.engine.playing
            let states = console.host.states()
            return [
                .count(place), .string(rig.entry(at: place)?.name ?? ""),
                .string(
                    place >= rig.entries.count
                        ? "gone" : states.indices.contains(place) ? states[place] : ""),
                .count(console.engine.voices), .count(console.engine.slotsInUse),
                .bool(console.bench.hasDraft(call.client)),
            ]
        },
        OSCCommand(
            "/entries", "The entries in order.", answer: "names and states in turn", example: "/entries"
        ) { console, _ in
            zip(console.engine.rig.entries, console.host.states()).flatMap {
                [.string($0.name), .string($1)]
            }
        },
        OSCCommand("/modules", "The types of modules.", answer: "names", example: "/modules") { console, _ in
            console.registry.types.map { .string($0.name) }
        },
        OSCCommand(
            "/modules/<type>", "What a type of module is, or of a pattern every type that it matches.",
            answer:
                "what it is for; then for each port 'in', 'out' or 'set', its name and what it is for; of a parameter its least, greatest and default value as texts besides; of a pattern, the name before each type",
            example: "/modules/saw"
        ) { console, call in
            try console.moduleTypes(call)
        },
        OSCCommand(
            "/meters", "How much of the time rendering takes (0 … 1), interruptions, voices, slots.",
            answer: "load, interruptions, voices, slots", example: "/meters"
        ) { console, _ in console.meters },
        OSCCommand(
            "/subscribe", [.text("what"), .whole("seconds", 0...3600, optional: true)],
            "Lets 'values', 'meters', 'state' or 'errors' come by themselves, for so many seconds (60); 0 ends it.",
            answer: "the seconds", example: "/subscribe s meters"
        ) { console, call in
            let seconds = call.has(1) ? call.whole(1) : 60
            guard let topic = Topic(rawValue: call.text(0)) else {
                let all = Topic.allCases.map(\.rawValue)
                throw OSCError(
                    .badArguments,
                    "'\(call.text(0).prefix(40))' is none of \(all.joined(separator: ", "))"
                        + didYouMean(String(call.text(0).prefix(40)), among: all),
                    name: call.address)
            }
            try console.subscribe(call.endpoint, topic, seconds: seconds)
            return [.count(seconds)]
        },
        OSCCommand(
            "/learn/start", [.text("target")],
            "The next control that is moved is mapped, and the one after that, until it is stopped: see `kairos learn`.",
            answer: "what to do", example: "/learn/start s 'macro 1'"
        ) { console, call in [.string(try console.learn(.start(call.text(0)), call))] },
        OSCCommand("/learn/stop", "Ends learning.", answer: "what was learned", example: "/learn/stop") {
            console, call in [.string(try console.learn(.stop, call))]
        },
        OSCCommand(
            "/learn/undo", "Takes the last control back.", answer: "what to do", example: "/learn/undo"
        ) {
            console, call in [.string(try console.learn(.undo, call))]
        },
    ]

    private func learn(_ what: OSCHost.MIDILearn, _ call: OSCRequest) throws -> String {
        do { return try host.learn(what) } catch let error as EditError { throw error } catch {
            throw OSCError(.badArguments, "\(error)", name: call.address)
        }
    }

    var meters: [OSCValue] {
        let machine = host.machine()
        return [
            .float(Float(machine.load)), .count(machine.xruns), .count(engine.voices),
            .count(engine.slotsInUse),
        ]
    }

    private func moduleTypes(_ call: OSCRequest) throws -> [OSCValue] {
        let name = String(call.address.dropFirst("/modules/".count)), shown = String(name.prefix(64))
        let isPattern = OSCPattern.isPattern(name)
        var budget = OSCLimits.patternSteps
        let pattern = try OSCPattern(name)
        let types = registry.types.filter { isPattern ? pattern.matches($0.name, &budget) : $0.name == name }
        guard budget > 0 else { throw Self.tooManySteps(call) }
        guard !types.isEmpty else {
            throw EditError(
                .unknownType,
                "there is no module '\(shown)'" + didYouMean(shown, among: registry.types.map(\.name)),
                name: shown)
        }
        return types.flatMap { (isPattern ? [.string($0.name)] : []) + Self.about($0) }
    }

    private static func about(_ type: ModuleType) -> [OSCValue] {
        var answer: [OSCValue] = [.string(type.about)]
        for (symbol, info) in type.inlets { answer += [.string("in"), .string(symbol), .string(info.about)] }
        for (symbol, info) in type.outlets {
            answer += [.string("out"), .string(symbol), .string(info.about)]
        }
        for (symbol, spec) in type.params {
            answer += [
                .string("set"), .string(symbol), .string(spec.about),
                .string(spec.display(spec.range.lowerBound)),
                .string(spec.display(spec.range.upperBound)), .string(spec.display(spec.defaultValue)),
            ]
        }
        return answer
    }
}
