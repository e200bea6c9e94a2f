"""The FM voice in every language, from one table: two stacks of three operators, the last of each is heard."""

# Ratio, how many turns it shifts the next one (a carrier: none), attack, decay, sustain.
STACKS = [
    [(3, 0.12, 0.01, 2, 0.4), (1, 0.2, 0.02, 3, 0.6), (1, None, 0.05, 1, 0.7)],
    [(7, 0.05, 0.005, 1, 0.5), (2, 0.15, 0.02, 2, 0.5), (2, None, 0.02, 2, 0.8)],
]
OPERATORS = [(f"{letter}{n}", f"{letter}{n - 1}" if n else None, operator)
             for letter, stack in zip("ab", STACKS) for n, operator in enumerate(stack)]
GAIN, RELEASE = 0.005, 0.4


def yaml():
    modules, connections = ["  keys: { type: keys }", "  mix: { type: mix }", "  out: { type: output }"], []
    for name, below, (ratio, turns, attack, decay, sustain) in OPERATORS:
        index = STACKS["ab".index(name[0])][int(below[1])][1] if below else 1
        modules += [
            f"  {name}: {{ type: sine, ratio: {ratio}, index: {index} }}",
            f"  {name}e: {{ type: adsr, attack: {attack} s, decay: {decay} s, sustain: {sustain:.0%},"
            f" release: {RELEASE} s }}",
            f"  {name}v: {{ type: vca }}",
        ]
        connections += [f"  - keys.pitch -> {name}.pitch", f"  - keys.gate -> {name}e.gate", f"  - {name} -> {name}v",
                  f"  - {name}e -> {name}v.level"]
        if below:
            connections.append(f"  - {below}v -> {name}.modulator")
    connections += ["  - a2v -> mix.a", "  - b2v -> mix.b", "  - mix -> out"]
    head = ["kairos: patch/1", "name: Operators", "about: Six operators, two stacks of three.",
            "voices: 256", "level: -46 dB"]
    return "\n".join(head + ["modules:"] + modules + ["connections:"] + connections) + "\n"


def scd():
    lines = ["SynthDef(\\voice, { |freq = 440, gate = 1|", f"    var {', '.join(name for name, _, _ in OPERATORS)};"]
    for name, below, (ratio, turns, *adsr) in OPERATORS:
        envelope = f"EnvGen.kr(Env.adsr({', '.join(map(str, adsr))}, {RELEASE}), gate)"
        level = f"{turns} * 2pi" if turns else GAIN
        lines.append(f"    {name} = SinOsc.ar(freq * {ratio}, {below or 0}) * ({envelope} * {level});")
    return "\n".join(lines + ["    Out.ar(0, a2 + b2);", '}).writeDefFile("VOICE_FOLDER".getenv);', "0.exit;"]) + "\n"


def csd():
    lines = ["<CsoundSynthesizer>", "<CsInstruments>", "sr = 48000", "ksmps = 64", "nchnls = 1", "0dbfs = 1",
             "giSine ftgen 0, 0, 16384, 10, 1", "instr 1"]
    for name, below, (ratio, turns, *adsr) in OPERATORS:
        phase = f"a{name}p + a{below}" if below else f"a{name}p"
        lines += [f"  k{name}e madsr {', '.join(map(str, adsr))}, {RELEASE}",
                  f"  a{name}e interp k{name}e", f"  a{name}p phasor p4 * {ratio}",
                  f"  a{name}s tablei {phase}, giSine, 1, 0, 1", f"  a{name} = a{name}s * a{name}e * {turns or GAIN}"]
    lines += ["  out aa2 + ab2", "endin", "</CsInstruments>", "<CsScore>", "NOTES", "</CsScore>",
              "</CsoundSynthesizer>"]
    return "\n".join(lines) + "\n"


def dsp():
    lines = ['import("stdfaust.lib");', 'freq = hslider("freq", 440, 1, 20000, 0.001);', 'gate = button("gate");',
             "operator(ratio, shift) = sin(2 * ma.PI * (os.phasor(1, freq * ratio) + shift));"]
    for name, below, (ratio, turns, *adsr) in OPERATORS:
        envelope = f"en.adsr({', '.join(map(str, adsr))}, {RELEASE}, gate)"
        lines.append(f"{name} = operator({ratio}, {below or 0}) * {envelope} * {turns or GAIN};")
    return "\n".join(lines + ["process = a2 + b2;"]) + "\n"


def voices(program):
    return {"yaml": yaml(), "scd": scd(), "csd": csd(), "dsp": dsp()}
