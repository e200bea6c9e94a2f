import KairosControl
import KairosDSP

/// The form of a mapping file as a JSON Schema (draft 2020-12), for editors that complete and check while one types.
public enum MappingSchema {
    /// As a text.
    public static var text: String { Schema.text(object) }

    private typealias Object = Schema.Object

    private static var object: Object {
        Schema.file(
            "A mapping of Kairos", version: MappingFile.version, required: [],
            [
                "device": Schema.text("A part of the controller's name; empty fits every device."),
                "takeover": Schema.word(
                    "How every knob takes over a parameter that stands elsewhere.", Mapping.Takeover.self),
                "feedback": Schema.flag("Whether positions go back to the controller."),
                "onConnect": messages("What brings the controller into the mode that this is for."),
                "onQuit": messages("What brings it out of it when Kairos ends."),
                "shift": Schema.object(
                    "What selects the second layer while it is held.",
                    [
                        "cc": Schema.whole("A controller.", 1...119),
                        "note": Schema.whole("A key.", 0...127), "channel": channel,
                    ]),
                "velocity": curve("What is heard of what is played."),
                "release": curve("The same for keys that come up."),
                "sustain": Schema.object(
                    "The pedal.",
                    [
                        "half": Schema.flag("Whether it knows half-way."),
                        "polarity": Schema.word("Which way it is down.", KeyboardRule.Polarity.self),
                    ]),
                "mpe": Schema.object(
                    "Zones of a controller that speaks MPE without saying so.",
                    [
                        "lower": Schema.whole("Fingers from channel 2 up.", 1...15),
                        "upper": Schema.whole("Fingers from channel 15 down.", 1...15),
                    ]),
                "controls": [
                    "type": "array", "items": control, "description": "What moves, and what is moved.",
                ] as Object,
            ])
    }

    private static var channel: Object {
        Schema.whole("The channel it must come on; any by default.", 1...16)
    }

    private static func messages(_ about: String) -> Object {
        let message: Object = [
            "type": "string", "pattern": "^([89A-Ea-e][0-9A-Fa-f]|[Ff]0)( +[0-9A-Fa-f]{2})+$",
            "description": "A channel message or a system exclusive in hexadecimal, as 9F 0C 7F.",
        ]
        return ["type": "array", "items": message, "description": about]
    }

    /// Controllers that mean something by themselves move nothing.
    private static let fixed = [0, 32, 88] + Array(98...101) + Array(120...127)

    private static var control: Object {
        let pair: Object = [
            "type": "array", "minItems": 2, "maxItems": 2, "items": Schema.whole("A controller.", 0...127),
        ]
        var one = Schema.whole("A controller.", 0...127)
        one["not"] = ["enum": fixed]
        var object = Schema.object(
            "A control.",
            [
                "cc": ["description": "A controller, or [coarse, fine].", "anyOf": [one, pair]] as Object,
                "nrpn": Schema.whole("A parameter of the maker's own.", 0...16_382),
                "rpn": Schema.whole("A registered parameter.", 0...16_382),
                "note": Schema.whole("A key, which then plays no note.", 0...127),
                "pressure": ["const": "any", "description": "Of the channel or of any key."],
                "bend": ["const": "any", "description": "The pitch wheel."],
                "to": target, "channel": channel,
                "range": Schema.range("The values at its lower and its upper end, in the target's unit."),
                "curve": Schema.word("How the way is bent.", Mapping.Bend.self),
                "invert": Schema.flag("Whether it runs backwards."),
                "takeover": Schema.word(
                    "How it takes over a parameter that stands elsewhere.", Mapping.Takeover.self),
                "encoding": Schema.word(
                    "How an endless encoder says how far it was turned.", Mapping.Encoding.self),
                "step": Schema.value("How far one step of an encoder goes: 1 %.", .ratio),
                "steps": Schema.whole("Into how many equal parts the way is divided.", 2...128),
                "button": Schema.word("What a button does.", Mapping.Button.self),
                "shift": Schema.flag("Whether it is of the second layer."),
            ], required: ["to"])
        object["oneOf"] = MappingReader.inputs.map { ["required": [$0]] }
        return object
    }

    private static var target: Object {
        let patterns = [
            "master +macro +[1-8]", "macro +[1-8]", "entry .+",
            "[^/ ][^/]*/[A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_-]*",
        ]
        return [
            "description": "A macro, a role, patch/module.parameter or what the instrument itself does.",
            "anyOf": [
                ["enum": Mapping.Target.words.filter { $0 != "entry" }],
                ["type": "string", "pattern": "^(\(patterns.joined(separator: "|")))$"],
            ] as [Object],
        ]
    }

    private static func curve(_ about: String) -> Object {
        let point: Object = [
            "type": "array", "minItems": 2, "maxItems": 2, "items": Schema.whole("A velocity.", 0...127),
        ]
        return [
            "description": about,
            "anyOf": [
                ["enum": VelocityCurve.presets.map(\.name)],
                ["type": "array", "minItems": 1, "maxItems": 8, "items": point],
            ] as [Object],
        ]
    }
}
