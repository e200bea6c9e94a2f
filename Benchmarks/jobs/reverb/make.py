"""One voice into a stereo reverb, and the voice without it, in every language.

The voice is that of the job `effects`. No two reverbs sound alike: each language has its usual one, at 2 s. Kairos has
sixteen delay lines and twelve allpass filters, scsynth's `FreeVerb2` eight combs and four allpass filters a channel,
Csound's `reverbsc` eight modulated lines, Faust's `zita_rev1_stereo` eight lines and eight allpass filters.
"""

import runpy
from pathlib import Path

EFFECTS = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))


def voices(program):
    dry = {language: EFFECTS[language]([]) for language in ("yaml", "scd", "csd", "dsp")}
    if program != "voice":
        return dry
    wet = {
        "yaml": [("  out: { type: output }", "  room: { type: reverb, decay: 2 s, mix: 30 % }\n  out: { type: output }"),
                 ("  - pan -> out", "  - pan -> room\n  - room -> out")],
        "scd": [("    Out.ar(0, x);", "    x = FreeVerb2.ar(x[0], x[1], 0.3, 0.8, 0.4);\n    Out.ar(0, x);")],
        "csd": [("  outs aL, aR", "  aWetL, aWetR reverbsc aL, aR, 0.85, 8000\n  outs aL + aWetL * 0.3, aR + aWetR * 0.3")],
        "dsp": [("par(i, 2, _);", "re.zita_rev1_stereo(10, 200, 6000, 2, 2, 96000);")],
    }
    for language, changes in wet.items():
        for old, new in changes:
            if old not in dry[language]:
                raise ValueError(f"{language}: there is no '{old}' in the job effects")
            dry[language] = dry[language].replace(old, new)
    return dry
