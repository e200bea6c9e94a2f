"""One voice into a stereo flanger, and the voice without it: one comb filter a channel; SuperCollider's feedback has no high-pass filter and changes with the delay."""

import runpy
from pathlib import Path

WITH_EFFECT = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))["with_effect"]
voices = WITH_EFFECT(
    "wide", "type: flanger, feedback: 40 %, mix: 50 %",
    "x = x + CombC.ar(x, 0.05, 0.0015 * (2 ** SinOsc.kr(0.2, [0, pi / 2], 1.4)), 0.01);")
