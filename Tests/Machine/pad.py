#!/usr/bin/python3
"""A pad whose patch changes in every bar, and what is to be said of it afterwards:

    pad.py song FILE
    pad.py judge FOLDER
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import smf  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

BARS, BAR, VOICES = 8, 2, 64
KEYS = [36 + voice * 7 % 48 for voice in range(48)]


def song():
    events, held = [], []
    # One message a millisecond, as fast as a cable carries them: a burst costs the kernel, which delivers it in
    # the middle of a block, more of this machine's time than it costs the instrument.
    def spread(time, messages):
        return [(time + index * 0.002, message) for index, message in enumerate(messages)]

    for bar in range(BARS):
        start = 0.5 + bar * BAR
        events += spread(start, [bytes([0x80 | channel, key, 64]) for channel, key in held])
        # One channel has no more than its keys; the other sixteen voices are another's.
        held = [(voice // 48, KEYS[voice % 48]) for voice in range(VOICES)]
        for channel in (0, 1):
            events.append((start, bytes([0xC0 | channel, bar % 2])))
        events += spread(start + 0.001, [bytes([0x90 | channel, key, 100]) for channel, key in held])
    events += spread(0.5 + BARS * BAR, [bytes([0x80 | channel, key, 64]) for channel, key in held])
    return sorted(events, key=lambda event: event[0])


def judge(folder):
    text = (folder / "kairos.log").read_text()
    told = json.JSONDecoder().raw_decode(text[text.index("\n{") + 1:])[0]
    longest, median = told["longestBlock"], told["medianBlock"]
    yield "nothing is interrupted, nothing is late", told["xruns"] == 0 == told["late"], f"{told['xruns']} xruns, {told['late']} late of {told['events']} events"
    yield "64 voices sound under those before", told["mostVoices"] >= VOICES, f"{told['mostVoices']}"
    yield "every bar has its patch", told["changes"]["count"] >= BARS - 1, f"{told['changes']['count']}"
    yield "the longest block is under three times the median", longest < 3 * median, f"{longest:.1%} and {median:.1%} of the period: {longest / median:.2f}"


if __name__ == "__main__":
    if sys.argv[1] == "song":
        pathlib.Path(sys.argv[2]).write_bytes(smf.song(song()))
    else:
        Verdicts().check_all(judge(pathlib.Path(sys.argv[2]))).exit()
