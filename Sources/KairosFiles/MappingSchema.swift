import KairosControl
import KairosDSP

/// The JSON Schema (draft 2020-12) of mapping files, for editors with completion and validation.
public enum MappingSchema {
    /// The schema as JSON text.
    public static var text: String { Schema.text(object) }

    private typealias Object = Schema.Object

    private static var object: Object {
        Schema.file(
            "Kairos mapping", version: MappingFile.version, required: [], order: MappingReader.words,
            [
                "device": Schema.text(
                    "Part of the controller's name, whatever the case; without it, every device."),
                "takeover": Schema.word(
                    "Default takeover mode of the controls: what happens "
                        + "when a control and its parameter disagree.",
                    Mapping.Takeover.self, default: .jump),
                "feedback": Schema.flag("Whether values are sent back to the controller.", default: false),
                "onConnect": messages("MIDI messages sent to the controller when it is connected."),
                "onQuit": messages("MIDI messages sent to the controller when Kairos ends."),
                "shift": Schema.object(
                    "The button that selects the shift layer while it is held.",
                    [
                        "cc": Schema.whole("Controller number.", 1...119),
                        "note": Schema.whole("Note number.", 0...127), "channel": channel,
                    ], order: MappingReader.shiftWords),
                "velocity": curve("Note-on velocity curve: a preset, or points [input, output]."),
                "release": curve("Note-off velocity curve: a preset, or points [input, output]."),
                "sustain": Schema.object(
                    "The sustain pedal.",
                    [
                        "half": Schema.flag("Whether the pedal damps gradually.", default: false),
                        "polarity": Schema.word(
                            "Value that the pedal sends when it is up.", KeyboardRule.Polarity.self,
                            default: .normal),
                    ], order: MappingReader.sustainWords),
                "mpe": Schema.object(
                    "MPE zones of a controller that does not announce them (RPN 6).",
                    [
                        "lower": Schema.whole(
                            "Number of member channels of the lower zone, from channel 2 up.", 1...15),
                        "upper": Schema.whole(
                            "Number of member channels of the upper zone, from channel 15 down.", 1...15),
                    ], order: MappingReader.zoneWords),
                "controls": [
                    "type": "array", "items": control,
                    "description": "The controls of the controller and their targets.",
                ] as Object,
            ])
    }

    private static var channel: Object {
        Schema.whole("MIDI channel; any channel by default.", 1...16)
    }

    private static func messages(_ about: String) -> Object {
        let message: Object = [
            "type": "string", "pattern": "^([89A-Ea-e][0-9A-Fa-f]|[Ff]0)( +[0-9A-Fa-f]{2})+$",
            "description": "A channel or system exclusive message in hexadecimal.",
            "examples": ["9F 0C 7F"],
        ]
        return ["type": "array", "items": message, "description": about]
    }

    /// Controllers with a meaning of their own, which cannot be mapped.
    private static let fixed = [0, 32, 88] + Array(98...101) + Array(120...127)

    private static var control: Object {
        let pair: Object = [
            "type": "array", "minItems": 2, "maxItems": 2,
            "items": Schema.whole("Controller number.", 0...127),
        ]
        var one = Schema.whole("Controller number.", 0...127)
        one["not"] = ["enum": fixed]
        var object = Schema.object(
            "A control.",
            [
                "cc": [
                    "description": "Controller number, or [coarse, fine] for 14 bits.", "anyOf": [one, pair],
                ] as Object,
                "nrpn": Schema.whole("Non-registered parameter number.", 0...16_382),
                "rpn": Schema.whole("Registered parameter number.", 0...16_382),
                "note": Schema.whole("Note number; the key then plays no note.", 0...127),
                "pressure": ["const": "any", "description": "Channel pressure or the pressure of any key."],
                "bend": ["const": "any", "description": "Pitch bend."],
                "to": target, "channel": channel,
                "range": Schema.range(
                    "The values at the minimum and the maximum of the control, in the target's unit; by "
                        + "default the target's own range."),
                "curve": Schema.word(
                    "Curve from the control to the value.", Mapping.Curve.self,
                    default: .straight),
                "invert": Schema.flag("Whether the control is inverted.", default: false),
                "takeover": Schema.word(
                    "What happens when the control and its parameter disagree; by default the mapping's.",
                    Mapping.Takeover.self, default: nil),
                "encoding": Schema.word(
                    "Value format of an endless encoder.", Mapping.Encoding.self, default: .twos),
                "step": Schema.value(
                    "Change per step of an encoder, of the whole range; by default 1/128, or one step of a "
                        + "stepped parameter.", .ratio, range: "0.01 … 100 %"),
                "steps": Schema.whole("Number of equal steps of the range; continuous without it.", 2...128),
                "button": Schema.word(
                    "Behaviour of a button; without it, the control is a knob or fader.", Mapping.Button.self,
                    default: nil),
                "shift": Schema.flag("Whether the control belongs to the shift layer.", default: false),
            ], required: ["to"], order: MappingReader.controlWords)
        object["oneOf"] = MappingReader.inputs.map { ["required": [$0]] }
        return object
    }

    private static var target: Object {
        let patterns = [
            "master +macro +[1-8]", "macro +[1-8]", "entry .+",
            "[^/ ][^/]*/[A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_-]*",
        ]
        return [
            "description": "A macro, a role, patch/module.parameter or an action of the instrument.",
            "anyOf": [
                ["enum": Mapping.Target.words.filter { $0 != "entry" }],
                [
                    "type": "string", "pattern": "^(\(patterns.joined(separator: "|")))$",
                    "examples": ["slow-tide/filter.cutoff", "entry Bells"],
                ],
            ] as [Object],
        ]
    }

    private static func curve(_ about: String) -> Object {
        let point: Object = [
            "type": "array", "minItems": 2, "maxItems": 2, "items": Schema.whole("Velocity.", 0...127),
        ]
        return [
            "description": about, "default": "straight",
            "anyOf": [
                ["enum": VelocityCurve.presets.map(\.name)],
                ["type": "array", "minItems": 1, "maxItems": 8, "items": point],
            ] as [Object],
        ]
    }
}
