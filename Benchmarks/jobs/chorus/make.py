"""One voice into a stereo chorus of three voices, and the voice without it: three delays a channel, moved by sines 120° apart."""

import runpy
from pathlib import Path

WITH_EFFECT = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))["with_effect"]
voices = WITH_EFFECT(
    "wide", "type: chorus, mix: 50 %",
    "x = x + (Mix.fill(3, { |i| DelayC.ar(x, 0.05, SinOsc.kr(0.6, [0, pi / 2] + (i * 2pi / 3), 0.0015,"
    " 0.012)) }) * 0.577);")
