"""Counts of instructions by Valgrind, of the built Kairos: the same binary and input give the same number."""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
KAIROS = TOP / ".build/release/kairos"
RENDER = "$s12KairosEngine0B0C6render4left*"
CHANGE = "*PatchChangerV7request*"
VOICES, SECONDS, RATE, BLOCK = 16, 0.5, 48_000, 64


def prepare(folder):
    """A copy without what Valgrind cannot read of this toolchain's debug information; the symbols stay."""
    if not KAIROS.exists():
        sys.exit("build first: make build")
    subprocess.run(["objcopy", "--strip-debug", KAIROS, pathlib.Path(folder) / "kairos"], check=True)


def count(folder, function, *words):
    """What is executed within `function` while the copy in `folder` runs with `words`, and what it says."""
    out = pathlib.Path(folder) / "callgrind"
    told = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--toggle-collect={function}", f"--callgrind-out-file={out}",
         pathlib.Path(folder) / "kairos", *words],
        capture_output=True, text=True, env=os.environ | {"SWIFT_DETERMINISTIC_HASHING": "1"})
    if told.returncode:
        sys.exit(f"kairos {' '.join(map(str, words))}: {told.stderr}")
    total = int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M)[1])
    if total == 0:
        sys.exit(f"nothing was counted; no function is called {function}")
    return total, told.stderr


def voice(folder, text, voices=VOICES):
    """Instructions of one voice in one frame of the patch `text`: `voices` of them held for half a second, struck in
    its first quarter, all that `Engine.render` executes divided by their number and the frames."""
    patch = pathlib.Path(folder) / "patch.yaml"
    patch.write_text(text)
    total, _ = count(folder, RENDER, "bench", "--json", "--runs", "1", "--patch", patch, "--voices", str(voices),
                     "--seconds", str(SECONDS))
    return total / voices / (int(SECONDS * RATE) // BLOCK * BLOCK)
