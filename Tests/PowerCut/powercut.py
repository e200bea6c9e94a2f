#!/usr/bin/python3
"""An instrument that loses its power while values change, and what must be true of the state it left:

    powercut.py run KAIROS FOLDER TIMES SEED        (kill -9, here)
    powercut.py play PORT FOLDER SEED DISK          (changes values until it is killed itself)
    powercut.py judge FOLDER STATE                  (what `play` in FOLDER left behind, beside a state)
    powercut.py kept STATE                          (the count in a state)

Every value that is set carries a counter, and so does the state. The log says when each was set. The clerk, a thread
beside, does what the instrument does to keep its state – it looks ten times a second, and writes a file down to the
disk – and notes how late it is: on a busy machine the instrument can be no better.
"""

import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import os
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import osc  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

PORT = 9138
# Of the entry that is played: 0.125 Hz for each count, exact in 24 bits.
ENTRY, PROGRAM, COUNTER, FLOOR, STEP = "Comet Lead", 3, "filter.cutoff", 100.0, 0.125
OTHERS = ("env.attack", "env.decay", "env.sustain", "env.release", "amp.attack", "amp.decay", "amp.release", "saw.detune",
          "square.detune", "square.width", "osc.gainA", "osc.gainB", "filter.resonance", "drive.drive", "echo.time",
          "echo.feedback", "echo.highCut", "echo.mix", "shake.rate")
PAUSE = 0.004
# Seconds that the state may be old.
LIMIT = 1.0


def counter(client):
    """The count in what plays."""
    return round((client.ask(address(COUNTER))[0] - FLOOR) / STEP)


def address(parameter):
    return "/mod/" + parameter.replace(".", "/")


class Log:
    """Lines that are in the file when the writer dies."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)

    def line(self, *words):
        os.write(self.file, (" ".join(str(word) for word in words) + "\n").encode())


class Clerk(threading.Thread):
    """Notes how late the machine is at what the instrument does."""

    def __init__(self, folder, log):
        super().__init__(daemon=True)
        self.folder, self.log, self.is_over = folder, log, False

    def run(self):
        place = os.open(self.folder, os.O_RDONLY)
        while not self.is_over:
            began = time.monotonic()
            time.sleep(0.1)
            file = os.open(self.folder / "clerk.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(file, b"x" * 2000)
            os.fsync(file)
            os.close(file)
            os.rename(self.folder / "clerk.new", self.folder / "clerk")
            os.fsync(place)
            now = time.monotonic()
            self.log.line("late", now, now - began - 0.1)


def play(client, log, draw, over=lambda: False):
    """Changes values, and now and then the patch, until `over`."""
    name = client.starts()
    if ENTRY not in name:
        client.ask("/program", PROGRAM)
        while ENTRY not in client.ask("/status"):
            time.sleep(0.01)
        log.line("entry", time.monotonic())
    count = counter(client)
    log.line("found", count)
    modules = client.ask("/mod")
    has_extra = "extra" in modules
    while not over():
        count += 1
        sent = time.monotonic()
        client.ask(address(COUNTER), FLOOR + STEP * count)
        log.line("set", count, sent)
        client.ask(address(draw.choice(OTHERS)) + "/normalized", draw.random())
        if count % 100 == 0:
            # Of the voices: without a note it costs nothing.
            if has_extra:
                client.ask("/patch/delete", "extra")
            else:
                client.ask("/patch/create", "extra", "svf")
                client.ask("/patch/connect", "osc", "extra")
                client.ask("/patch/connect", "extra.low", "drive")
            client.ask("/patch/commit")
            has_extra = not has_extra
        time.sleep(PAUSE)


def read_log(path):
    """The counts with the time of each, the count that was found, and how late the clerk was, and when."""
    sets, found, late = [], None, []
    for line in path.read_text(errors="replace").splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "set":
            sets.append((int(words[1]), float(words[2])))
        elif len(words) == 2 and words[0] == "found":
            found = int(words[1])
        elif len(words) == 3 and words[0] == "late":
            late.append((float(words[1]), float(words[2])))
    return sets, found, late


def kept(state):
    """The count in a state."""
    import yaml
    told = yaml.safe_load(state.read_text())
    if told["entry"]["name"] != ENTRY:
        raise AssertionError(f"the entry is {told['entry']}")
    for part in told.get("values", []):
        if part["layer"] == 1 and COUNTER in part["set"]:
            number, unit = str(part["set"][COUNTER]).split()
            return round((float(number) * {"Hz": 1, "kHz": 1000}[unit] - FLOOR) / STEP)
    raise AssertionError(f"there is no {COUNTER} in {told}")


def age(sets, late, count, died):
    """Seconds by which a state with `count` is older than what was set, and the grace that the machine asks for."""
    lost = [when for number, when in sets if number > count]
    grace = [0.0] + [by for when, by in late if when > died - 3]
    # The clerk's last round may be the one that hangs.
    if late:
        grace.append(max(0.0, died - late[-1][0] - 0.2))
    return (max(0.0, died - lost[0]) if lost else 0.0), 2 * max(grace)


class Instrument:
    def __init__(self, kairos, folder, state, patches):
        self.log = open(folder / "kairos.log", "w")
        self.process = subprocess.Popen(
            [kairos, "play", "--audio", "null", "--midi", "none", "--osc", str(PORT), "--session", str(state), "--patches", patches],
            stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, "XDG_CONFIG_HOME": str(folder / "config")})

    def kill(self):
        self.process.kill()
        self.process.wait()


def run(kairos, folder, times, seed):
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "kept").mkdir(parents=True)
    state, patches = folder / "kept" / "session.yaml", str(pathlib.Path(__file__).resolve().parents[2] / "Patches")
    draw, ages, graces, most, wrong = random.Random(seed), [], [], 0, []
    last = None
    for turn in range(times):
        instrument, client = Instrument(kairos, folder, state, patches), osc.Client(PORT)
        log = Log(folder / "log")
        clerk = Clerk(folder / "kept", log)
        until = []
        seconds = draw.choice((draw.uniform(0.0, 0.5), draw.uniform(0.5, 1.8)))
        if turn == 0:
            # Long enough to leave a state behind.
            seconds += 3

        def over():
            until or until.append(time.monotonic() + seconds)
            return time.monotonic() > until[0]

        clerk.start()
        play(client, log, draw, over)
        died = time.monotonic()
        instrument.kill()
        clerk.is_over = True
        clerk.join()
        sets, found, late = read_log(folder / "log")
        if last is not None and found != last:
            wrong.append(f"turn {turn}: it began with {found}, and the state had {last}")
        checked = subprocess.run([kairos, "check", str(state)], capture_output=True, text=True)
        if checked.returncode != 0:
            wrong.append(f"turn {turn}: {checked.stdout}{checked.stderr}")
            continue
        last = kept(state)
        old, grace = age(sets, late, last, died)
        ages.append(old)
        graces.append(grace)
        most += len(sets)
        if old > LIMIT + grace or last > sets[-1][0]:
            wrong.append(f"turn {turn}: {last} of {sets[-1][0]}, {old:.3f} s old, and {LIMIT + grace:.3f} may be")
        leftover = sorted(set(os.listdir(folder / "kept")) - {"session.yaml", ".session.yaml.lock", ".session.yaml.new", "clerk", "clerk.new"})
        if leftover:
            wrong.append(f"turn {turn}: {leftover} is left over")
    yield (f"{times} times kill -9 while values change: the state is whole, at most a second old, and what the next start has",
           not wrong and len(ages) >= times - 1,
           f"{most} values; age median {statistics.median(ages):.3f} s, most {max(ages):.3f} s; the machine's own lateness {max(graces):.3f} s at most"
           + "".join("\n        " + line for line in wrong[:5]))
    yield from failing(kairos, folder, state, patches, draw)


def failing(kairos, folder, state, patches, draw):
    """A disk that takes nothing more: the sound plays on, it is told once, and the judge would find an old state."""
    instrument, client, log = Instrument(kairos, folder, state, patches), osc.Client(PORT), Log(folder / "log")
    client.starts()
    (folder / "gone").mkdir()
    state.rename(folder / "gone" / "session.yaml")
    # Where the file would be, there is a folder that is not empty; even root cannot put a file in its place.
    while True:
        try:
            state.unlink(missing_ok=True)
            (state / "full").mkdir(parents=True)
            break
        except OSError:
            continue
    until = time.monotonic() + 3
    play(client, log, draw, lambda: time.monotonic() > until)
    plays = client.ask("/status")
    old, grace = age(*read_log(folder / "log")[::2], kept(folder / "gone" / "session.yaml"), time.monotonic())
    yield "a state that is not kept would be found", old > LIMIT + grace, f"{old:.3f} s old"
    (state / "full").rmdir()
    state.rmdir()
    until = time.monotonic() + 12
    while time.monotonic() < until and not state.exists():
        client.ask(address(OTHERS[0]) + "/normalized", draw.random())
        time.sleep(0.05)
    count = counter(client)
    instrument.process.terminate()
    instrument.process.wait()
    told = (folder / "kairos.log").read_text()
    yield ("a disk that takes nothing is told of once, the sound plays on, and the state is kept again when it can be",
           ENTRY in plays and told.count("the session is not being saved") == 1
           and told.count("being saved again") == 1 and kept(state) == count,
           f"{told.count('the session is not being saved')} and {told.count('being saved again')} lines")
    # In the middle of a word.
    text = state.read_bytes()
    state.write_bytes(text[:text.index(b"values:") + 3])
    instrument = Instrument(kairos, folder, state, patches)
    client.starts()
    instrument.process.terminate()
    instrument.process.wait()
    told = (folder / "kairos.log").read_text()
    aside = state.with_name("session.yaml~")
    yield ("half a state is told of and kept aside, and Kairos begins anew",
           "starting fresh" in told and aside.exists() and aside.read_bytes() == text[:text.index(b"values:") + 3], "")


def judge(folder, state):
    """Of a machine that lost its power: its log, and the state on its disk."""
    sets, found, late = read_log(folder / "log")
    died = sets[-1][1]
    count = kept(state)
    old, grace = age(sets, late, count, died)
    yield (f"the state is whole and at most a second old", old <= LIMIT + grace and count <= sets[-1][0],
           f"{count} of {sets[-1][0]}, {old:.3f} s; the machine's own lateness {grace:.3f} s; it began with {found}")


if __name__ == "__main__":
    match sys.argv[1]:
        case "run":
            Verdicts().check_all(run(sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))).exit()
        case "play":
            log = Log(pathlib.Path(sys.argv[3]) / "log")
            Clerk(pathlib.Path(sys.argv[5]), log).start()
            play(osc.Client(int(sys.argv[2])), log, random.Random(int(sys.argv[4])))
        case "kept":
            print(kept(pathlib.Path(sys.argv[2])))
        case "judge":
            Verdicts().check_all(judge(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))).exit()
