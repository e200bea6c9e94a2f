#!/usr/bin/python3
"""A patch that is edited a thousand times a minute while it plays, and what is to be said of it afterwards:

    edits.py play FOLDER SECONDS PID     (in the machine)
    edits.py judge FOLDER SECONDS
"""

import json
import pathlib
import random
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import osc  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

RATE = 1000 / 60  # edits a second
# The sharpest bend of a sum of soft sines, as a second difference; a wave that is cut off bends ten times as much.
BEND = 0.004


class Editor:
    def __init__(self, client):
        self.client, self.draw, self.extra, self.count = client, random.Random(3), [], 0
        self.spent, self.refusals = [], {}

    def tell(self, address, *values):
        """What the command returns, or None where it is refused, which is counted."""
        try:
            return self.client.ask(address, *values)
        except osc.Refused as refused:
            self.refusals[refused.code] = self.refusals.get(refused.code, 0) + 1
            return None

    def commit(self):
        """The milliseconds that it took, or None."""
        answer = self.tell("/patch/commit")
        return answer[0] if answer else None

    def edit(self):
        draw, tell = self.draw, self.tell
        kind = draw.choice(("add", "add", "remove", "insert", "sway", "value", "undo", "reconnect"))
        if kind == "add" and len(self.extra) < 10:
            self.count += 1
            name, gain = f"s{self.count}", f"g{self.count}"
            tell("/patch/create", name, "sine")
            tell("/patch/create", gain, "vca")
            tell("/mod/" + gain + "/gain", "-14 dB")
            if draw.random() < 0.5:
                tell("/patch/connect", "keys.pitch", name + ".pitch")
                tell("/patch/connect", "env", gain + ".level")
            else:
                tell("/mod/" + name + "/frequency", draw.uniform(80, 700))
            tell("/patch/connect", name, gain)
            tell("/patch/connect", gain, "out")
            self.extra.append((name, gain))
        elif kind == "insert" and len(self.extra) < 10:
            self.count += 1
            name = f"f{self.count}"
            tell("/patch/create", name, "svf")
            tell("/patch/connect", "vca", name)
            tell("/patch/connect", name + ".low", "out")
            tell("/patch/disconnect", "vca", "out")
            self.extra.append((name,))
        elif kind == "sway" and len(self.extra) < 10:
            self.count += 1
            name = f"l{self.count}"
            tell("/patch/create", name, "lfo")
            tell("/patch/connect", name, "osc.detune", "20 ct")
            self.extra.append((name,))
        elif kind == "value":
            tell("/mod/osc/detune", draw.uniform(-1, 1))
            tell("/patch/connect", "osc", "osc.modulator") if draw.random() < 0.3 else None
        elif kind == "undo":
            tell("/patch/undo")
            if draw.random() < 0.7:
                tell("/patch/redo")
            return self.look()
        elif kind == "reconnect":
            tell("/patch/disconnect", "vca", "out")
            tell("/patch/connect", "vca", "out")
        elif self.extra:
            for name in self.extra.pop(draw.randrange(len(self.extra))):
                tell("/patch/delete", name)
            if "vca -> out" not in str(tell("/patch/show")):
                tell("/patch/connect", "vca", "out")
        spent = self.commit()
        if spent is None:
            tell("/patch/abort")
            self.look()
        else:
            self.spent.append(spent)

    def look(self):
        """What is there after all, where an undo brought something back."""
        answer = " ".join(str(name) for name in self.tell("/mod") or [])
        groups = {}
        for letter, number in sorted(set(re.findall(r"\b([sgfl])(\d+)\b", answer)), reverse=True):
            groups.setdefault((number, letter in "sg"), []).append(letter + number)
        self.extra = [tuple(names) for names in groups.values()]


def play(folder, seconds, process):
    client = osc.Client(seconds=20)
    editor, draw = Editor(client), random.Random(5)
    client.starts()
    began, held, memory = time.monotonic(), [], []
    # Edits come every 45 periods of 64 frames: without it all of them at the same place of a period.
    sway = random.Random(6)
    total = round(seconds * RATE)
    for number in range(total):
        pause = began + number / RATE + sway.uniform(0, 64 / 48_000) - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        if number % 4 == 0:
            key = draw.choice((45, 48, 52, 55, 57, 60, 64, 67))
            if key not in held:
                editor.tell("/note/on", 1, key, 100)
                held.append(key)
            if len(held) > 4:
                editor.tell("/note/off", 1, held.pop(0))
        editor.edit()
        if number in (total // 4, total - 1):
            memory.append(pss(process))
    for key in held:
        editor.tell("/note/off", 1, key)
    spent = time.monotonic() - began
    editor.tell("/patch/load", "base")
    editor.commit()
    result = {"edits": total, "seconds": spent, "commits": editor.spent, "memory": memory, "refusals": editor.refusals}
    (folder / "edits-done.json").write_text(json.dumps(result))


def pss(process):
    for line in open(f"/proc/{process}/smaps_rollup"):
        if line.startswith("Pss:"):
            return int(line.split()[1])


def judge(folder, seconds):
    import numpy
    from analyse import load
    done = json.loads((folder / "edits-done.json").read_text())
    text = (folder / "kairos.log").read_text()
    told = json.JSONDecoder().raw_decode(text[text.index("\n{") + 1:])[0]
    recording = load(str(folder / "edits"))
    sound = recording.channel(0)
    commits, memory = done["commits"], done["memory"]
    yield ("a thousand a minute", done["seconds"] < seconds * 1.02 and len(commits) > done["edits"] * 0.6,
           f"{done['edits']} edits in {done['seconds']:.1f} s, {len(commits)} of them new commits; refused: {done['refusals']}")
    first = numpy.flatnonzero(sound)[0]
    xruns = recording.xruns(first, told["xruns"])
    yield ("nothing is interrupted, nothing is late", xruns == 0 == told["late"],
           f"{xruns} xruns, {told['late']} late of {told['events']} events")
    yield ("an edit sounds soon, even there", statistics.median(commits) < 40,
           f"median {statistics.median(commits):.1f} ms, {max(commits):.1f} at most, behind the fade of the one before")
    bend = numpy.abs(numpy.diff(sound, 2))
    yield "it is heard", 0.02 < numpy.abs(sound).max() < 0.89, f"{numpy.abs(sound).max():.3f}"
    yield "no click", bend.max() < BEND, f"the sharpest bend is {bend.max():.4f} of {BEND}"
    cut = sound.copy()
    cut[numpy.flatnonzero(numpy.abs(sound) > 0.5 * numpy.abs(sound).max())[0]:] = 0
    yield "a wave that is cut off would be found", numpy.abs(numpy.diff(cut, 2)).max() > BEND, f"{numpy.abs(numpy.diff(cut, 2)).max():.4f}"
    yield "memory does not grow", memory[1] < memory[0] * 1.02, f"{memory[0]} kB after a quarter, {memory[1]} kB at the end"
    yield "one slot at the end, and no voice", (told["slots"], told["voices"]) == (1, 0), f"{told['slots']} slots, {told['voices']} voices"


if __name__ == "__main__":
    if sys.argv[1] == "play":
        play(pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        Verdicts().check_all(judge(pathlib.Path(sys.argv[2]), int(sys.argv[3]))).exit()
