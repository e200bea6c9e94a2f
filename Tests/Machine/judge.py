#!/usr/bin/python3
"""Judges what `kairos.job` recorded:  judge.py jack|alsa RESULTS

Times are counted from the first note's first frame; see song.py for what is due.
"""

import pathlib
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

from analyse import cents, centroid, level, load, pitch  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

NOTES = [(0.0, 57), (1.5, 69), (3.0, 81)]
CHORD = (60, 64, 67)


def hertz(key):
    return 440 * 2 ** ((key - 69) / 12)


class Judge:
    def __init__(self, name, recording):
        self.name = name
        self.rate = recording.rate
        self.sound = recording.samples[:, 0]
        loud = numpy.flatnonzero(numpy.abs(self.sound) > 1e-4)
        if not len(loud):
            sys.exit(f"FAILED  {name}: nothing was heard")
        self.origin = loud[0]
        self.verdicts = Verdicts(f"{name}: ")
        self.check = self.verdicts.check

    def cut(self, start, end):
        return self.sound[self.origin + round(start * self.rate): self.origin + round(end * self.rate)]

    def onset(self, after):
        """Seconds of the first loud frame after a silence that ends near `after`."""
        part = numpy.abs(self.cut(after - 0.1, after + 0.2)) > 1e-4
        return after - 0.1 + numpy.flatnonzero(part)[0] / self.rate if part.any() else numpy.inf

    def partial(self, key, start, end):
        """The level of one key's fundamental in dB."""
        part = self.cut(start, end)
        window = numpy.blackman(len(part))
        turns = numpy.exp(-2j * numpy.pi * hertz(key) * numpy.arange(len(part)) / self.rate)
        return 20 * numpy.log10(2 * abs(numpy.sum(part * window * turns)) / window.sum() + 1e-12)


def main():
    name, results = sys.argv[1:]
    judge = Judge(name, load(f"{results}/{name}" + (".wav" if name == "alsa" else "")))
    for start, key in NOTES:
        found = pitch(judge.cut(start + 0.1, start + 1.1), judge.rate, near=hertz(key))
        judge.check(f"key {key} is in tune", abs(cents(found, hertz(key))) < 2, f"{cents(found, hertz(key)):.3f} cents")
        late = (judge.onset(start) - start) * 1000 if start else 0.0
        judge.check(f"key {key} comes at its time", abs(late) < (3 if name == "jack" else 12), f"{late:.2f} ms late")
    before, after = centroid(judge.cut(4.6, 5.0), judge.rate), centroid(judge.cut(6.1, 6.45), judge.rate)
    judge.check("CC 74 closes the filter", after < before / 2, f"{before:.0f} Hz to {after:.0f} Hz")
    for key in CHORD:
        held, rang = judge.partial(key, 7.9, 8.4), judge.partial(key, 9.3, 11.3)
        judge.check(f"key {key} rings on through the program change", abs(rang - held) < 0.5, f"{rang - held:+.2f} dB")
    new = judge.partial(84, 9.3, 11.3)
    judge.check("the new patch plays beside it", new > -60, f"{new:.1f} dBFS")
    # The least level of 5 ms around the change: a gap would be heard here.
    steps = [level(judge.cut(8.3 + step / 200, 8.305 + step / 200)) for step in range(100)]
    judge.check("there is no gap at the change", min(steps) > max(steps) - 12, f"{min(steps):.1f} to {max(steps):.1f} dB")
    silent = level(judge.cut(12.2, 12.6))
    judge.check("it falls silent when the keys are up", silent < -90, f"{silent:.0f} dB")
    if name == "jack":
        gone = Judge("gone", load(f"{results}/gone"))
        loud, after = level(gone.cut(0.1, 0.5)), level(gone.sound[-gone.rate // 4:])
        judge.check("a keyboard that vanishes lets go of its key", loud > -30 and after < -90, f"{loud:.0f} to {after:.0f} dB")
    judge.verdicts.exit()


if __name__ == "__main__":
    main()
