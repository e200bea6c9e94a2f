"""One voice into the ensemble of a string machine, and the voice without it: a low-pass filter and three delays a channel, each moved by two sines."""

import runpy
from pathlib import Path

WITH_EFFECT = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))["with_effect"]
voices = WITH_EFFECT(
    "wide", "type: ensemble, mix: 100 %",
    "x = LPF.ar(x, 7000); x = Mix.fill(3, { |i| DelayC.ar(x, 0.05, SinOsc.kr(0.6, [0, pi / 3] + (i * 2pi"
    " / 3), 0.0024, 0.008) + SinOsc.kr(6, [0, pi / 3] + (i * 2pi / 3), 0.00024)) }) * 0.577;")
