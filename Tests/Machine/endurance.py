#!/usr/bin/python3
"""Playing that does not stop, and what is to be said of it afterwards:

    endurance.py song SECONDS FILE
    endurance.py judge FOLDER

The song: a chord that is held over each change of program, one change a second, an
arpeggio of four notes a second above it, five controllers and two wheels that never rest.
"""

import json
import math
import pathlib
import random
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import smf  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

PROGRAMS = 13


def song(seconds):
    draw = random.Random(7)
    events, held = [], []
    for second in range(seconds):
        # The chord changes a quarter after the program does: it is held over it.
        events.append((second + 0.01, bytes([0xC0, (second * 5) % PROGRAMS])))
        events += [(second + 0.25, bytes([0x80, key, 64])) for key in held]
        held = sorted(draw.sample([43, 48, 52, 55, 59, 62, 64], 3))
        events += [(second + 0.26, bytes([0x90, key, draw.randrange(50, 100)])) for key in held]
        for step in range(4):
            key = draw.choice([67, 71, 72, 76, 79])
            start = second + 0.06 + step / 4
            events += [(start, bytes([0x90, key, draw.randrange(40, 110)])), (start + 0.17, bytes([0x80, key, 64]))]
        if second % 4 == 1:
            events += [(second + 0.5, bytes([0xB0, 64, 127])), (second + 2.4, bytes([0xB0, 64, 0]))]
    for step in range(seconds * 40):
        time = step / 40
        controller = (74, 71, 91, 16, 1)[step % 5]
        events.append((time, bytes([0xB0, controller, int(64 + 63 * math.sin(time * (1 + step % 5)))])))
        if step % 4 == 0:
            events.append((time + 0.005, struct.pack("<BBB", 0xE0, 0, int(64 + 10 * math.sin(time * 3)))))
    events += [(seconds + 0.5, bytes([0x80, key, 64])) for key in held]
    events += [(seconds + 0.5, bytes([0xB0, 64, 0])), (seconds + 1, bytes([0xC0, 1]))]
    return sorted(events, key=lambda event: event[0])


def judge(folder):
    text = (folder / "kairos.log").read_text()
    told = json.JSONDecoder().raw_decode(text[text.index("\n{") + 1:])[0]
    early, late = (float(line) for line in (folder / "memory").read_text().split())
    changes = told["changes"]
    yield "nothing is interrupted, nothing is late", told["xruns"] == 0 == told["late"], f"{told['xruns']} xruns, {told['late']} late of {told['events']} events"
    yield "every change is ready and on its frame", changes["delayFrames"]["max"] == 0, f"{changes['count']} changes, {changes['delayFrames']['max']:.0f} frames at most"
    yield "memory does not grow", abs(late / early - 1) < 0.01, f"{early:.0f} kB and {late:.0f} kB: {late / early - 1:+.2%}"
    # A nanosecond is an instruction here.
    yield "the longest block is under 60 % of the period", told["longestBlock"] < 0.6, f"{told['longestBlock']:.0%}"
    yield "one slot plays at the end, and no voice", (told["slots"], told["voices"]) == (1, 0), f"{told['slots']} slots, {told['voices']} voices"


if __name__ == "__main__":
    if sys.argv[1] == "song":
        pathlib.Path(sys.argv[3]).write_bytes(smf.song(song(int(sys.argv[2]))))
    else:
        Verdicts().check_all(judge(pathlib.Path(sys.argv[2]))).exit()
