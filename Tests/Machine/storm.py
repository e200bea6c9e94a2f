#!/usr/bin/python3
"""Program changes at random times over held chords.

    storm.py events COUNT FILE    for seqsend; prints when the hundredth change and the last note-off are due
    storm.py judge RESULTS        judges what `storm.job` left

The patches in `Storm` strike at a level of their own on a note's first frame, and
then hold a hundredth of it: a tone of 0 Hz, whose sum over the held notes is known
for every frame. So the first frame of a note tells which program sounds and since
when, and the frames between tell which notes are held.
"""

import collections
import json
import pathlib
import random
import re
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

from analyse import MISSING, UNCLEAR, load, load_stamps, onsets  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

PROGRAMS = 6
SUSTAIN = 0.01
LEVELS = 10 ** (-2 * (1 + numpy.arange(PROGRAMS)) / 20)
# Frames until a strike has fallen to what it holds, and a release to nothing.
SETTLED = 112


def events(count):
    """Lists of time in microseconds, kind, channel, a and b, about twenty program changes a second; the same every time.

    Each time has one change, or the same program again, or a burst within one
    period, of which the last wins. A note is struck with the last one. Four are
    held at a time, each for half a second to three; the others are short.
    """
    draw = random.Random(1)
    list_, held, program, time, done = [], {}, 0, 0, 0
    while done < count:
        # What was taken from the standby pool is there again after 20 ms.
        time += 20000 + round(min(draw.expovariate(1 / 43000), 300000))
        size = min(count - done, draw.randrange(2, 6) if draw.random() < 0.1 else 1)
        for time in sorted(time + draw.choice([0, draw.randrange(1200)]) for _ in range(size)):
            if draw.random() > 0.1:
                program = draw.choice([other for other in range(PROGRAMS) if other != program])
            list_.append((time, "pgm", 0, program, 0))
        done += size
        held = {key: end for key, end in held.items() if end > time}
        if len(held) < 4:
            key = draw.choice([key for key in range(36, 60) if key not in held])
            end = held[key] = time + draw.randrange(500000, 3000000)
        else:
            key, end = draw.randrange(60, 96), time + 5000
        list_ += [(time, "note-on", 0, key, 100), (end, "note-off", 0, key, 0)]
    return sorted(list_, key=lambda event: event[0])


def write_events(count, path):
    list_ = events(count)
    last = list_[-1][0]
    # A key that is not down: the sender stays until memory has been measured.
    list_.append((last + 4000000, "note-off", 0, 0, 0))
    with open(path, "w") as file:
        for event in list_:
            print(*event, file=file)
    changes = [event[0] for event in list_ if event[1] == "pgm"]
    print(f"{changes[99] / 1e6} {last / 1e6}")


class Expected:
    """What Kairos should play for the stamps: the `programs` of the notes, the level
    `due` on each frame, and on which frames that is `certain`."""

    def __init__(self, recording, stamps):
        frames = len(recording.samples)
        self.due, self.certain = numpy.zeros(frames), numpy.ones(frames, bool)
        self.programs, self.changes, self.outlasted, self.last = [], 0, [], 0
        at = recording.frame_at(numpy.array([stamp["sent_us"] for stamp in stamps], float))
        program, down = 0, {}
        for stamp, frame in zip(stamps, numpy.round(at).astype(int) + recording.about["period"]):
            if stamp["kind"] == "pgm":
                self.changes += stamp["a"] != program
                program = stamp["a"]
                continue
            if stamp["kind"] == "note-on":
                self.programs.append(program)
                down[stamp["a"]] = frame, program, self.changes
            elif stamp["a"] in down:
                start, struck, changes = down.pop(stamp["a"])
                self.due[start:frame] += SUSTAIN * LEVELS[struck]
                self.outlasted.append(self.changes - changes)
                self.last = frame + SETTLED
            self.certain[frame - 4:frame + SETTLED] = False


def summary(log):
    """What `kairos play` says at its end: the object that --json prints, or else its line."""
    if "{" in log:
        return json.JSONDecoder().raw_decode(log[log.index("{"):])[0]
    events_, late, changes, xruns = re.search(
        r"(\d+) events, (\d+) late, (\d+) program changes,.* xruns (\d+)", log).groups()
    return {"late": int(late), "changes": {"count": int(changes)}, "xruns": int(xruns)}


def mappings(path):
    """The proportional set size of each mapping's file, in kB, from a copy of /proc/PID/smaps."""
    sizes, name = collections.Counter(), ""
    with open(path) as file:
        for line in file:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                name = " ".join(line.split()[5:]) or "no file"
            elif line.startswith("Pss:"):
                sizes[name] += int(line.split()[1])
    return sizes


def judge(recording, stamps, log, memory, grown_most=""):
    """Each thing that was to be shown, whether it holds, and the figures that say so.

    `memory` is the proportional set size and what of it is in huge pages, in kB,
    after a hundred changes and at the end; `grown_most` says which mappings grew.
    """
    sound, about = recording.samples[:, 0].astype(float), recording.about
    expected, told = Expected(recording, stamps), summary(log)

    sends, at, heard = onsets(recording, stamps, threshold=0.1)
    clear = heard >= 0
    strikes = sound[heard[clear]] - expected.due[heard[clear] - 4]
    off = numpy.abs(strikes - LEVELS[numpy.array(expected.programs)[clear]])
    latency = (heard - at)[clear]
    yield ("every note is the chosen program's", clear.all() and off.max() < 0.02,
           f"{len(sends)} notes, {numpy.sum(heard == MISSING)} missing, {numpy.sum(heard == UNCLEAR)} unclear, "
           f"{numpy.sum(off >= 0.02)} of another, off by at most {off.max():.1g}")
    # The kernel's queue lags by as much as its last timer interrupt came late: now and then a stamp is a frame early.
    least = numpy.percentile(latency, 1)
    yield ("it comes one period after its stamp", 62 <= latency.min() and 63 <= least and latency.max() <= least + 2,
           f"{latency.min():.2f} to {latency.max():.2f} frames, mean {latency.mean():.2f}, all but one in 100 from {least:.2f}")

    changes = sum(stamp["kind"] == "pgm" for stamp in stamps)
    # The patch that it begins with is a change, too.
    yield ("the same program again changes nothing", told["changes"]["count"] == expected.changes + 1,
           f"{changes} sent, {expected.changes} to another program, {told['changes']['count'] - 1} counted")
    yield "every program was ready", "is being built" not in log, f"{log.count('is being built')} were not"

    wrong = numpy.abs(sound - expected.due)[expected.certain]
    held = [count for count in expected.outlasted if count]
    yield ("held notes ring on through the changes", wrong.max() < 1e-6 and max(held) >= 20,
           f"{len(held)} notes through {numpy.mean(held):.0f} changes each, {max(held)} at most; "
           f"off by at most {wrong.max():.1g} on {100 * expected.certain.mean():.0f} % of the frames")
    rest = sound[expected.last:]
    yield ("it falls exactly silent when the keys are up", len(rest) > recording.rate and not rest.any(),
           f"{len(rest) / recording.rate:.1f} s, {numpy.count_nonzero(rest)} frames are not 0")

    xruns = recording.xruns(at[0], told["xruns"])
    yield ("nothing is interrupted, nothing is late", not (xruns or about["skips"] or told["late"]),
           f"JACK: {about['xruns']} xruns, {about['skips']} skips; Kairos: {told['xruns']} xruns, {told['late']} late; "
           f"{xruns} since the first note")
    # Without --json nobody tells how many slots play; a slot that leaks is then seen in memory alone.
    if "slots" in told:
        yield ("one slot plays at the end, and no voice", (told["slots"], told["voices"]) == (1, 0),
               f"{told['slots']} slots, {told['voices']} voices")
    (before, _), (after, huge) = memory
    grown = 100 * (after / before - 1)
    yield ("memory stays where it was after a hundred changes", abs(grown) <= 1,
           f"{before} kB and {after} kB: {grown:+.2f} %{grown_most}")
    # It does so every ten seconds, and who touches the pages meanwhile may miss a period, though not each time.
    yield "the kernel gathers none of it into huge pages", huge == 0, f"{huge} kB"


def main():
    if sys.argv[1] == "events":
        return write_events(int(sys.argv[2]), sys.argv[3])
    results = sys.argv[2]
    grown = mappings(f"{results}/smaps.after")
    grown.subtract(mappings(f"{results}/smaps.before"))
    grown_most = "".join(f"; {name}: {size:+} kB" for name, size in grown.most_common(4) if size > 100)
    with open(f"{results}/kairos.log") as log, open(f"{results}/memory") as memory:
        verdicts = list(judge(load(f"{results}/storm"), load_stamps(f"{results}/storm.csv"), log.read(),
                              [[int(kilobytes) for kilobytes in line.split()] for line in memory], grown_most))
    Verdicts().check_all(verdicts).exit()


if __name__ == "__main__":
    main()
