"""One voice into a ring modulator, and the voice without it: one sine for both channels."""

import runpy
from pathlib import Path

WITH_EFFECT = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))["with_effect"]
voices = WITH_EFFECT(
    "wide", "type: ringmod, each: once, frequency: 220 Hz",
    "x = x * SinOsc.ar(220);")
