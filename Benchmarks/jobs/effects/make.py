"""One voice into eight stereo effects, and the voice without them, in every language, from one table.

The voice is a sine whose phase a sine moves: oscillators that differ would hide what effects do. The shaper is the mean
of x / √(1 + x²) between two frames everywhere, the equalisers are the textbook's.
"""

import math

CHAIN = [
    ("shaper", {"drive": 12}),
    ("lowshelf", {"cutoff": 200, "gain": 4}),
    ("peak", {"cutoff": 1000, "q": 1.5, "gain": -6}),
    ("delay", {"frames": 600, "feedback": 0.3, "mix": 0.3}),
    ("highshelf", {"cutoff": 5000, "gain": -3}),
    ("shaper", {"drive": 6}),
    ("delay", {"frames": 18000, "feedback": 0.4, "mix": 0.35}),
    ("lowpass", {"cutoff": 8000, "q": math.sqrt(0.5)}),
]
for _, parameters in CHAIN:
    if "mix" in parameters:
        parameters["wet"] = (2 * parameters["mix"]) ** 2  # up to 50 %; the dry signal keeps its level
RATE, LEVEL, PAN, SHIFT = 48_000, 0.25, 0.3, 0.5
TONE = 20_000  # Hz, of what goes back in a delay
DAMPING = 1 - math.exp(-2 * math.pi * TONE / RATE)
LEFT, RIGHT = (math.sqrt(2) * math.sin(math.pi / 4 * (1 + side * PAN)) for side in (-1, 1))


def voices(program):
    chain = CHAIN if program == "voice" else []
    return {"yaml": yaml(chain), "scd": scd(chain), "csd": csd(chain), "dsp": dsp(chain)}


def with_effect(name, module, unit):
    """The function `voices` of a job that adds one effect to the voice without effects: a Kairos module, and the same in
    SuperCollider's language."""
    def both(program):
        dry = {"yaml": yaml([]), "scd": scd([])}
        if program != "voice":
            return dry
        wet = {
            "yaml": [("  out: { type: output }", f"  {name}: {{ {module} }}\n  out: {{ type: output }}"),
                     ("  - pan -> out", f"  - pan -> {name}\n  - {name} -> out")],
            "scd": [("    Out.ar(0, x);", f"    {unit}\n    Out.ar(0, x);")],
        }
        for language, changes in wet.items():
            for old, new in changes:
                if old not in dry[language]:
                    raise ValueError(f"{language}: there is no '{old}' in the job effects")
                dry[language] = dry[language].replace(old, new)
        return dry
    return both


def yaml(chain):
    lines = ["kairos: patch/1", f"name: {'Eight Effects' if chain else 'No Effects'}", "voices: 16", "level: -12 dB",
             "modules:", "  keys: { type: keys }", "  shift: { type: sine }",
             f"  osc: {{ type: sine, index: {SHIFT} }}",
             "  env: { type: adsr, attack: 10 ms, decay: 300 ms, sustain: 70 % }",
             f"  vca: {{ type: vca, gain: {20 * math.log10(LEVEL):.4f} dB }}",
             f"  pan: {{ type: pan, pan: {PAN:.0%} }}", "  out: { type: output }"]
    connections = ["connections:", "  - keys.pitch -> shift.pitch", "  - keys.pitch -> osc.pitch", "  - shift -> osc.modulator",
             "  - keys.gate -> env.gate", "  - osc -> vca", "  - env -> vca.level",
             "  - vca -> pan"]
    last = "pan"
    for n, (kind, p) in enumerate(chain):
        if kind == "shaper":
            words = f"type: shaper, drive: {p['drive']} dB"
        elif kind == "delay":
            words = (f"type: delay, time: {1000 * p['frames'] / RATE:g} ms, feedback: {p['feedback']:.0%}, "
                     f"highCut: {TONE} Hz, mix: {p['mix']:.0%}")
        else:
            words = f"type: biquad, response: {kind}, cutoff: {p['cutoff']} Hz, q: {p.get('q', math.sqrt(0.5)):.6f}"
            words += f", gain: {p['gain']} dB" if "gain" in p else ""
        lines.append(f"  fx{n}: {{ {words}, each: once }}")
        connections.append(f"  - {last} -> fx{n}")
        last = f"fx{n}"
    return "\n".join(lines + connections + [f"  - {last} -> out"]) + "\n"


def scd(chain):
    lines = ["SynthDef(\\voice, { |freq = 440, gate = 1|",
             "    var soft = { |x| var root = (1 + x.squared).sqrt; (x + Delay1.ar(x)) / (root + Delay1.ar(root)) };",
             f"    var x = SinOsc.ar(freq, SinOsc.ar(freq) * {SHIFT} * 2pi) *"
             f" EnvGen.kr(Env.adsr(0.01, 0.3, 0.7, 0.3), gate) * {LEVEL};",
             f"    x = x * [{LEFT:.6f}, {RIGHT:.6f}];"]
    words = {"lowshelf": "BLowShelf.ar(x, {cutoff}, 1, {gain})", "highshelf": "BHiShelf.ar(x, {cutoff}, 1, {gain})",
             "peak": "BPeakEQ.ar(x, {cutoff}, {q:.6f}.reciprocal, {gain})",
             "lowpass": "BLowPass.ar(x, {cutoff}, {q:.6f}.reciprocal)",
             "shaper": "soft.(x * {drive}.dbamp)",
             "delay": "x + (CombC.ar(x, 1, {frames} / 48000, {decay:.6f}) * {wet})"}
    for kind, p in chain:
        if kind == "delay":
            p = p | {"decay": p["frames"] / RATE * math.log(0.001) / math.log(p["feedback"])}
        lines.append(f"    x = {words[kind].format(**p)};")
    return "\n".join(lines + ["    Out.ar(0, x);", '}).writeDefFile("VOICE_FOLDER".getenv);', "0.exit;"]) + "\n"


def csd(chain):
    lines = ["<CsoundSynthesizer>", "<CsInstruments>", "sr = 48000", "ksmps = 64", "nchnls = 2", "0dbfs = 1",
             "giSine ftgen 0, 0, 16384, 10, 1", "instr 1",
             "  kEnv madsr 0.01, 0.3, 0.7, 0.3", "  aEnv interp kEnv", "  aPhase phasor p4",
             "  aShift tablei aPhase, giSine, 1, 0, 1", f"  aOsc tablei aPhase + aShift * {SHIFT}, giSine, 1, 0, 1",
             f"  aOsc = aOsc * aEnv * {LEVEL}",
             f"  aL = aOsc * {LEFT:.6f}", f"  aR = aOsc * {RIGHT:.6f}"]
    modes = {"lowshelf": 10, "highshelf": 12, "peak": 8, "lowpass": 0}
    for kind, p in chain:
        for x in "aL", "aR":
            if kind == "shaper":
                lines += [f"  {x} = {x} * ampdb({p['drive']})", f"  aRoot = sqrt(1 + {x} * {x})", f"  aWas delay1 {x}",
                          "  aRootWas delay1 aRoot", f"  {x} = ({x} + aWas) / (aRoot + aRootWas)"]
            elif kind == "delay":
                time = p["frames"] / RATE
                lines += ["  aBuffer delayr 1", f"  aEcho deltap3 {time}",
                          f"  aBack filter2 aEcho, 1, 1, {DAMPING:.8f}, {DAMPING - 1:.8f}",
                          f"  delayw {x} + aBack * {p['feedback']}",
                          f"  {x} = {x} + aEcho * {p['wet']}"]
            else:
                level, q = 10 ** (p.get("gain", 0) / 20), p.get("q", 1)
                lines.append(f"  {x} rbjeq {x}, {p['cutoff']}, {level:.8f}, {q:.6f}, 1, {modes[kind]}")
    return "\n".join(lines + ["  outs aL, aR", "endin", "</CsInstruments>", "<CsScore>", "NOTES", "</CsScore>",
                              "</CsoundSynthesizer>"]) + "\n"


def dsp(chain):
    lines = ['import("stdfaust.lib");', 'freq = hslider("freq", 440, 1, 20000, 0.001);', 'gate = button("gate");',
             "soft(x) = (x + x') / (root(x) + root(x)') with { root(x) = sqrt(1 + x * x); };",
             "echo(frames, feedback, x) = loop ~ _ : mem",
             f"with {{ loop(e) = x + feedback * si.smooth({1 - DAMPING:.8f}, e)"
             " : de.fdelayltv(3, 32768, frames - 1); };",
             "delay(frames, feedback, wet, x) = x + echo(frames, feedback, x) * wet;",
             "phase = os.phasor(1, freq);",
             f"voice = sin(2 * ma.PI * (phase + {SHIFT} * sin(2 * ma.PI * phase)))"
             f" * en.adsr(0.01, 0.3, 0.7, 0.3, gate) * {LEVEL};"]
    words = {"lowshelf": "fi.svf.ls({cutoff}, sqrt(0.5), {gain})",
             "highshelf": "fi.svf.hs({cutoff}, sqrt(0.5), {gain})",
             "peak": "fi.svf.bell({cutoff}, {q:.6f}, {gain})", "lowpass": "fi.svf.lp({cutoff}, {q:.6f})",
             "shaper": "*(ba.db2linear({drive})) : soft", "delay": "delay({frames}, {feedback}, {wet})"}
    one = " : ".join(words[kind].format(**p) for kind, p in chain) or "_"
    return "\n".join(lines + [f"process = voice <: *({LEFT:.6f}), *({RIGHT:.6f}) : par(i, 2, {one});"]) + "\n"
