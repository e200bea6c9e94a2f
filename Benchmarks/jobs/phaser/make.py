"""One voice into a stereo phaser of twelve stages, and the voice without it: twelve first-order sections a channel, without feedback."""

import runpy
from pathlib import Path

WITH_EFFECT = runpy.run_path(str(Path(__file__).parents[1] / "effects/make.py"))["with_effect"]
voices = WITH_EFFECT(
    "wide", "type: phaser, each: once, stages: 12, feedback: 0 %, mix: 50 %",
    "x = { |dry| var g = (pi * 700 * (2 ** LFTri.kr(0.3, [0, 1], 1.2)) / 48000).tan, a = (g - 1) / (g +"
    " 1), y = dry; 12.do { y = FOS.ar(y, a, 1, a.neg) }; dry + y }.(x);")
