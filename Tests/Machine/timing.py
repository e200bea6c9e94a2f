#!/usr/bin/python3
"""Notes for the test of time, and whether they came in time:  timing.py events FOLDER PERIOD | judge FOLDER PERIOD"""

import json
import random
import sys

import numpy
from analyse import load, load_stamps, onsets

NOTES, STEP, CHORD = 150, 30_000, 4  # notes; microseconds from one to the next at least; keys of a chord
RATE = 48_000
LIMITER = 76  # frames by which the limiter delays the output at this rate
FLOOD = 30  # events a millisecond
LEVEL = 0.125
# Frames: a sound begins on a whole one, so that latencies differ by up to 1; and the sender reads its clock a
# microsecond or three before the kernel stamps what it sends.
JITTER = 0.15


def events(folder, period):
    draw = random.Random(2)
    time = 500_000
    # A note that waits for the next cycle must still begin before it ends.
    step = max(STEP, 3 * period * 1_000_000 // RATE)
    with open(f"{folder}/events", "w") as file:
        for number in range(NOTES):
            time += step + draw.randrange(step // 2)
            keys = range(48, 48 + (CHORD if number % 5 == 0 else 1))
            for key in keys:
                print(time, "note-on", 0, key, 127, file=file)
            for key in keys:
                print(time + step // 2, "note-off", 0, key, 0, file=file)
    with open(f"{folder}/flood", "w") as file:
        for millisecond in range(500, 500 + 3000):
            for number in range(FLOOD):
                print(millisecond * 1000, "cc", 3, 102 + number % 16, (millisecond + number) % 128, file=file)


def judge(folder, period):
    recording = load(f"{folder}/click")
    with open(f"{folder}/kairos.log") as file:
        text = file.read()
    figures = json.loads(text[text.index("\n{") + 1:])
    # A chord is one onset: of its notes the first that was sent.
    stamps = [stamp for stamp in load_stamps(f"{folder}/click.csv") if stamp["kind"] == "note-on"]
    firsts = [stamp for before, stamp in zip([{"due_us": 0}] + stamps, stamps) if stamp["due_us"] != before["due_us"]]
    _, at, heard = onsets(recording, firsts, 0, 1e-4)
    missing = int(numpy.sum(heard < 0))
    found = (heard - at)[heard >= 0]
    sound = recording.channel(0)
    peaks = numpy.array([sound[frame] / LEVEL for frame in heard[heard >= 0]])
    chords = int(numpy.sum(numpy.abs(peaks - CHORD) < 0.01))
    late = recording.xruns(at[0], figures["xruns"])
    # The kernel's queue lags by as much as its last timer interrupt came late: now and then a stamp is a frame early.
    least = numpy.percentile(found, 1)
    split = int(numpy.sum((numpy.abs(peaks - 1) > 0.01) & (numpy.abs(peaks - CHORD) > 0.01)))
    good = (
        missing == 0 and len(found) == NOTES and abs(found.mean() - period - LIMITER) <= 0.75
        and least - 1 <= found.min() and found.max() <= least + 1 + JITTER and found.std() < 0.5 and not late
        and figures["late"] == 0 and figures["losses"] == 0 and split == 0 and chords == NOTES // 5
        and figures["timing"]["latencyFrames"] == period + LIMITER
    )
    print(
        f"{'ok     ' if good else 'FAILED '} {folder.split('/')[-1]}: {len(found)} onsets, {missing} missing, "
        f"{found.min():.2f} to {found.max():.2f} frames after their stamps, deviation {found.std():.2f}, "
        f"{chords} of {NOTES // 5} chords on one frame; {figures['events']} events, {figures['late']} late, "
        f"all but one in 100 from {least:.2f}, {late} xruns while notes come, "
        f"the instrument's own meter: most {figures['timing']['most']} frames later"
    )
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1] == "events":
        events(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(judge(sys.argv[2], int(sys.argv[3])))
