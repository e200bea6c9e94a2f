"""Compares `kairos tuning --json` with music21's reading of its own archive of Scala scales."""

import json
import pathlib
import re
import subprocess
import sys

from music21.scale import scala

TOLERANCE = 0.001  # cents
# What the archive itself has wrong: a file, and a word of the fault that must be told.
BROKEN = {"sparschuh-stanhope.scl": "697//441"}


def theirs(path):
    """Cents above the unison of each degree."""
    lines = path.read_text(encoding="latin-1").splitlines()
    said = [line for line in lines if not line.startswith("!")]
    # It takes every digit of a line for the number, those of the remark behind it too, and no minus.
    numbers = [re.match(r"\s*-?([\d./]*)", line) for line in said[2:] if line.strip()]
    scale = scala.ScalaData("\n".join(said[:2] + [number[1] for number in numbers]))
    scale.parse()
    cents = scale.getCentsAboveTonic()
    below = ["-" in number[0] for number in numbers]
    return [-c if minus else c for c, minus in zip(cents, below)], sum(below)


def pitches(cents):
    """Semitones of keys 0 to 127, degree 0 on key 60."""
    if not cents:
        return [60.0] * 128
    result = []
    for key in range(128):
        turns, degree = divmod(key - 60, len(cents))
        result.append(60 + (turns * cents[-1] + (cents[degree - 1] if degree else 0)) / 100)
    return result


def main():
    archive = pathlib.Path(scala.__file__).parent / "scl"
    paths = sorted(archive.glob("*.scl"))
    output = subprocess.run([sys.argv[1], "tuning", "--json", *paths], check=True, capture_output=True, text=True)
    rows = [json.loads(line) for line in output.stdout.splitlines()]
    assert len(rows) == len(paths) > 3900, f"{len(rows)} of {len(paths)} files were read"
    worst, faults, refused, negative = 0.0, [], 0, 0
    for path, row in zip(paths, rows):
        if "error" in row:
            refused += 1
            if BROKEN.get(path.name, "\0") not in row["error"]:
                faults.append(f"{path.name}: {row['error']}")
            continue
        cents, below = theirs(path)
        negative += below
        difference = max(abs(ours - other) * 100 for ours, other in zip(row["pitches"], pitches(cents)))
        worst = max(worst, difference)
        if difference > TOLERANCE:
            faults.append(f"{path.name}: {difference:.4f} cents apart")
    print(
        f"{len(rows)} scales, {negative} degrees below their unison: the largest difference in any key is "
        f"{worst:.2g} cents; {refused} broken file told of"
    )
    print("\n".join(faults))
    return 1 if faults or refused != len(BROKEN) else 0


if __name__ == "__main__":
    sys.exit(main())
