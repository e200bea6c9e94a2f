"""One voice into a rotary speaker, and the voice without it: a crossover of fourth order and eight delays, whose times and levels move; SuperCollider has no unit for it."""

import runpy
from pathlib import Path

WITH_EFFECT = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))["with_effect"]
voices = WITH_EFFECT(
    "wide", "type: rotary, speed: fast",
    "x = { |m| var low = LPF.ar(LPF.ar(m, 800), 800), high = HPF.ar(HPF.ar(m, 800), 800); Mix.fill(2, {"
    " |i| DelayC.ar(high, 0.02, SinOsc.kr(7.06, [0, pi] + (i * pi), 0.00055, 0.0012 + (i * 0.0026))) *"
    " SinOsc.kr(7.06, [0, pi] + (i * pi), 0.3, 0.7) + (DelayC.ar(low, 0.02, SinOsc.kr(5.96, [0, pi] + (i"
    " * pi), 0.0002, 0.001 + (i * 0.0026))) * SinOsc.kr(5.96, [0, pi] + (i * pi), 0.3, 0.7)) }) }.(x.sum"
    " * 0.5);")
