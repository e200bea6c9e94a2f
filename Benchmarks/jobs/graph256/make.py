"""A patch of 256 modules in every language, from one description.

Each branch: a sine shifts the phase of a sine, into a resonant low-pass, into an amplifier. Mixers add up four at a
time.
"""

BRANCHES = 58
PATH = "keys env vca out".split()  # the other four modules but the mixers


def branch(n):
    """Ratio of the carrier and of what shifts it, turns, cutoff, gain."""
    return 1 + n % 12, 1 + n * 5 % 7, round(0.02 + 0.01 * (n % 9), 3), 300 + 137 * n, round(0.2 + 0.1 * (n % 5), 2)


def tree():
    """Mixers and what each adds up; the last one is heard."""
    level, mixers = [f"v{n}" for n in range(BRANCHES)], []
    while len(level) > 1:
        groups = [level[n:n + 4] for n in range(0, len(level), 4)]
        level = [f"m{len(mixers) + n}" for n in range(len(groups))]
        mixers += zip(level, groups)
    return mixers


MIXERS = tree()
LAST = MIXERS[-1][0]
assert 4 * BRANCHES + len(MIXERS) + len(PATH) == 256
ADSR = 0.05, 0.5, 0.7, 0.3
GAIN = 0.002


def voices(program):
    return {"yaml": yaml(), "scd": scd(), "csd": csd(), "dsp": dsp()}


def yaml():
    lines = ["kairos: patch/1", "name: Many Modules", "voices: 16", "level: -54 dB", "modules:",
             "  keys: { type: keys }",
             "  env: { type: adsr, attack: 50 ms, decay: 500 ms, sustain: 70 %, release: 300 ms }",
             "  vca: { type: vca }", "  out: { type: output }"]
    connections = ["connections:", "  - keys.gate -> env.gate", f"  - {LAST} -> vca", "  - env -> vca.level", "  - vca -> out"]
    for n in range(BRANCHES):
        ratio, shift, turns, cutoff, gain = branch(n)
        lines += [f"  s{n}: {{ type: sine, ratio: {shift} }}",
                  f"  c{n}: {{ type: sine, ratio: {ratio}, index: {turns} }}",
                  f"  f{n}: {{ type: svf, cutoff: {cutoff} Hz, resonance: 50.505051 % }}",
                  f"  v{n}: {{ type: vca, gain: {gain:.0%} }}"]
        connections += [f"  - keys.pitch -> s{n}.pitch", f"  - keys.pitch -> c{n}.pitch", f"  - s{n} -> c{n}.modulator",
                  f"  - c{n} -> f{n}", f"  - f{n}.low -> v{n}"]
    for name, sources in MIXERS:
        lines.append(f"  {name}: {{ type: mix }}")
        connections += [f"  - {source} -> {name}.{inlet}" for source, inlet in zip(sources, "abcd")]
    return "\n".join(lines + connections) + "\n"


def scd():
    lines = ["SynthDef(\\voice, { |freq = 440, gate = 1|",
             f"    var v = {list(map(branch, range(BRANCHES)))}.collect {{ |b|".replace("(", "[").replace(")", "]"),
             "        var ratio, shift, turns, cutoff, gain;",
             "        #ratio, shift, turns, cutoff, gain = b;",
             "        BLowPass.ar(SinOsc.ar(freq * ratio, SinOsc.ar(freq * shift) * (turns * 2pi)), cutoff) * gain",
             "    };"]
    for name, sources in MIXERS:
        added = ", ".join(f"v[{source[1:]}]" if source[0] == "v" else source for source in sources)
        lines.append(f"    var {name} = Mix([{added}]);")
    adsr = ", ".join(map(str, ADSR))
    return "\n".join(lines + [f"    Out.ar(0, {LAST} * EnvGen.kr(Env.adsr({adsr}), gate) * {GAIN});",
                              '}).writeDefFile("VOICE_FOLDER".getenv);', "0.exit;"]) + "\n"


def csd():
    lines = ["<CsoundSynthesizer>", "<CsInstruments>", "sr = 48000", "ksmps = 64", "nchnls = 1", "0dbfs = 1",
             "giSine ftgen 0, 0, 16384, 10, 1", "instr 1", f"  kEnv madsr {', '.join(map(str, ADSR))}",
             "  aEnv interp kEnv"]
    for n in range(BRANCHES):
        ratio, shift, turns, cutoff, gain = branch(n)
        lines += [f"  as{n} oscili {turns}, p4 * {shift}, giSine", f"  ap{n} phasor p4 * {ratio}",
                  f"  ac{n} tablei ap{n} + as{n}, giSine, 1, 0, 1", f"  af{n} bqrez ac{n}, {cutoff}, 1",
                  f"  av{n} = af{n} * {gain}"]
    lines += [f"  a{name} = {' + '.join('a' + source for source in sources)}" for name, sources in MIXERS]
    return "\n".join(lines + [f"  out a{LAST} * aEnv * {GAIN}", "endin", "</CsInstruments>", "<CsScore>", "NOTES",
                              "</CsScore>", "</CsoundSynthesizer>"]) + "\n"


def dsp():
    lines = ['import("stdfaust.lib");', 'freq = hslider("freq", 440, 1, 20000, 0.001);', 'gate = button("gate");',
             "turns(ratio) = os.phasor(1, freq * ratio);", "wave(x) = sin(2 * ma.PI * x);"]
    for n in range(BRANCHES):
        ratio, shift, turns, cutoff, gain = branch(n)
        lines.append(f"v{n} = wave(turns({ratio}) + wave(turns({shift})) * {turns}) : fi.svf.lp({cutoff}, 1) * {gain};")
    lines += [f"{name} = {' + '.join(sources)};" for name, sources in MIXERS]
    return "\n".join(lines + [f"process = {LAST} * en.adsr({', '.join(map(str, ADSR))}, gate) * {GAIN};"]) + "\n"
