#!/usr/bin/python3
"""An instrument that holds a chord through whatever happens around it:

    hostile.py KAIROS FOLDER SECONDS SEED [ATTACK...]

Judged: it lives, answers within a second all the time, and ends in order; no note is stuck; and the chord, which is a
tone of 0 Hz with a known level, has no gap in JACK's recordings outside the moments in which JACK itself was down.
"""

import os
import pathlib
import pty
import random
import select
import shutil
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "Support"), str(TESTS / "Machine")]

import attacks  # noqa: E402  the path must be known first
import jack  # noqa: E402
import numpy  # noqa: E402
import osc  # noqa: E402
from analyse import load  # noqa: E402
from verdicts import Verdicts  # noqa: E402

PORT = 9151
CHORD = (48, 55, 60)
# What Tests/Machine/Storm/one.yaml holds for each key.
LEVEL = len(CHORD) * 0.01 * 10 ** (-2 / 20)
ANSWERS_WITHIN = 1.0  # seconds
# A gap is less than this part of it: one key of three is missing. The limiter lowers it by less, for a fifth of a second
# after a loud note.
MISSING = 0.7
# Seconds from JACK's return to the sound's.
RETURNS_WITHIN = 3.0
# Seconds between two cycles after which JACK stood still, and those of the gap that may follow.
STALL, REJOINS_WITHIN = 0.1, 0.7
# Seconds between JACK's end and the first voice by the timer: 0.1 to take over (a frozen server: four periods more), and
# what the question itself takes.
TAKES_OVER_WITHIN = 0.5


def raw():
    """Seconds of the clock that JACK has."""
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)


class Heart(threading.Thread):
    """Asks for the status ten times a second, over a connection of its own."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.client, self.slowest, self.count, self.ended, self.over = port, None, 0.0, 0, "", False

    def run(self):
        while not self.over:
            began = time.monotonic()
            try:
                self.client = self.client or osc.Client(self.port, seconds=15, stream=True)
                self.client.ask("/status")
                self.count += 1
            except (OSError, osc.Refused) as error:
                if not self.over:
                    self.ended, self.client = f"{type(error).__name__}: {error}", None
            if not self.over:
                self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.1)


class Lateness(threading.Thread):
    """Measures by how much the machine itself is late: `grace` is added to every limit."""

    def __init__(self):
        super().__init__(daemon=True)
        self.worst, self.moments = 0.0, []

    @property
    def grace(self):
        return 2 * self.worst

    def run(self):
        while True:
            began = time.monotonic()
            time.sleep(0.02)
            late = time.monotonic() - began - 0.02
            self.worst = max(self.worst, late)
            if late > 0.02:
                self.moments.append(raw())

    def covers(self, begin, end):
        """Whether the machine was late, by four of JACK's periods, within a second of these."""
        return any(begin - 1 < moment < end + 1 for moment in self.moments)


class Stage:
    """The instrument under attack, its JACK server and its recordings."""

    def __init__(self, kairos, folder):
        self.kairos, self.folder, self.port = kairos, folder, PORT
        self.faults, self.windows, self.recordings, self.lateness = [], [], [], Lateness()
        self.lateness.start()
        self.patches, self.watched, self.state = TESTS / "Machine/Storm", folder / "watched", folder / "state/session.yaml"
        shutil.copytree(self.patches, self.watched)
        self.state.parent.mkdir()
        self.tool = jack.recorder(folder)
        self.server = jack.Server(folder)
        # In a terminal that will go away; like `nohup`, it stays.
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvp("bash", [
                "bash", "-c", 'trap "" HUP; exec "$@"', "hostile", kairos, "play", "--audio", "jack", "--midi", "none",
                "--osc", str(PORT), "--watch", "--session", str(self.state), "--patches", str(self.watched), "--patch", "one"])
        self.log, self.is_terminal_open = open(folder / "kairos.log", "wb"), True
        threading.Thread(target=self.read_terminal, daemon=True).start()
        self.ended = None
        self.client = osc.Client(PORT)
        self.client.starts()
        self.recorder = None
        self.record()

    def read_terminal(self):
        """What it says goes to the log, until its terminal is closed."""
        while self.is_terminal_open:
            try:
                if select.select([self.terminal], [], [], 0.1)[0]:
                    self.log.write(os.read(self.terminal, 65536))
                    self.log.flush()
            except OSError:
                return
        os.close(self.terminal)

    def fault(self, text):
        print(f"        at {raw() - self.began:.1f} s: {text}", flush=True)
        self.faults.append(text)

    def lives(self):
        if self.ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.ended = os.waitstatus_to_exitcode(status) if pid else None
        return self.ended is None

    def cpu(self):
        """Seconds of CPU time so far."""
        words = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def record(self):
        base = self.folder / f"heard-{len(self.recordings)}"
        self.recorder = subprocess.Popen([self.tool, "-n", f"rec{len(self.recordings)}", "-s", "4000", base, "Kairos:left"],
                                         stderr=subprocess.DEVNULL)
        self.recordings.append(base)
        until = time.monotonic() + 20
        while not base.with_name(base.name + ".started").exists():
            if time.monotonic() > until or not self.lives():
                self.fault("it does not come back to JACK in 20 s")
                return
            time.sleep(0.02)

    def down(self):
        """JACK goes down now."""
        self.windows.append([raw(), None])

    def up(self):
        """JACK is there again: the sound must come back, and it is recorded by whoever is alive for that."""
        self.windows[-1][1] = raw() + RETURNS_WITHIN + self.lateness.grace
        began = time.monotonic()
        while time.monotonic() < began + 20 and self.lives():
            listed = subprocess.run(["jack_lsp", "-c", "Kairos:left"], capture_output=True, text=True, timeout=20).stdout
            if "system:playback" in listed:
                break
            time.sleep(0.05)
        took = time.monotonic() - began
        if took > RETURNS_WITHIN + self.lateness.grace:
            self.fault(f"it came back to JACK {took:.1f} s after JACK did")
        try:
            self.recorder.wait(timeout=1)
            self.record()
        except subprocess.TimeoutExpired:
            pass  # the same server: it records on

    def rings_on(self, when):
        """A key is struck, and the audio thread answers soon: something drives the engine. Voices are not counted: those of
        an attack before it may end at the same moment."""
        began = time.monotonic()
        self.client.ask("/note/on", 1, 100, 100)
        while not self.client.renders() and time.monotonic() < began + 5:
            time.sleep(0.01)
        took = time.monotonic() - began
        if took > TAKES_OVER_WITHIN + self.lateness.grace:
            self.fault(f"{when}: {took:.2f} s until blocks were rendered")
        self.client.ask("/note/off", 1, 100)

    def rests(self):
        """Waits until the chord alone sounds, five seconds at most."""
        until = time.monotonic() + 5
        while self.voices() > len(CHORD) and time.monotonic() < until:
            time.sleep(0.01)

    def voices(self):
        return self.client.ask("/meters")[2]

    def finish(self):
        if self.recorder:
            self.recorder.terminate()
            try:
                self.recorder.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.recorder.kill()
        self.server.stop()
        if self.lives():
            os.kill(self.pid, 9)


def gaps(stage):
    """Of all recordings: the seconds heard, (begin, end) of each gap in seconds of JACK's clock, the seconds that JACK
    left out, and how many gaps follow a cycle for which JACK itself stood still.
    """
    heard, found, late, stood = 0.0, [], 0.0, 0
    for base in stage.recordings:
        if not base.with_name(base.name + ".json").exists():
            continue
        recording = load(str(base))
        if len(recording.cycles) < 2:
            continue
        # A connection takes effect with the next cycle: the first one is silent.
        sound = recording.samples[:, 0]
        sound[:int(numpy.argmax(sound[:recording.rate // 5] >= 0.99 * LEVEL))] = LEVEL
        heard += len(sound) / recording.rate
        low = sound < MISSING * LEVEL
        edges = numpy.flatnonzero(numpy.diff(numpy.concatenate(([False], low, [False])).astype(int)))
        frames, starts = recording.cycles[:, 0], recording.cycles[:, 2] / 1e6
        stalled = frames[1:][numpy.diff(starts) > STALL]
        skipped = frames[:-1][numpy.diff(frames) > recording.about["period"]] + recording.about["period"]
        for begin, end in zip(edges[::2], edges[1::2]):
            # A cycle that JACK left out is JACK's, and the recorder has written zeros for it.
            if begin in skipped:
                late += (end - begin) / recording.rate
                continue
            # Kairos plays on without a server that stands still, and returns to it when it has gone on for a while.
            near = numpy.abs(stalled - begin) <= 2 * recording.about["period"]
            if near.any() and end - begin <= REJOINS_WITHIN * recording.rate:
                stood += 1
                continue
            at = numpy.interp([begin, end], frames, starts)
            found.append((at[0], at[1], base.name))
    return heard, found, late, stood


def is_covered(gap, windows):
    """Whether JACK was down, or just back, all the time of a gap. Windows are in order; an open one has no end."""
    at, end = gap[0] + 0.1, gap[1]
    for begin, over in windows:
        if begin <= at:
            at = max(at, end if over is None else over)
    return at >= end


def main(kairos, folder, seconds, seed, *chosen):
    folder = pathlib.Path(folder).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "xdg-state")}
    draw, verdicts, counts = random.Random(int(seed)), Verdicts(), {}
    attack_list = [attack for attack in attacks.ATTACKS if not chosen or attack.__name__ in chosen]
    Stage.began = raw()
    stage = Stage(str(pathlib.Path(kairos).resolve()), folder)
    heart = Heart(PORT)
    try:
        for key in CHORD:
            stage.client.ask("/note/on", 1, key, 100)
        sounded = raw() + 0.5
        time.sleep(1)
        heart.start()
        until, order = time.monotonic() + float(seconds), []
        while time.monotonic() < until and stage.lives():
            order = order or draw.sample(attack_list, len(attack_list))
            attack = order.pop()
            counts[attack.__name__] = counts.get(attack.__name__, 0) + 1
            print(f"        {raw() - stage.began:6.1f} s: {attack.__name__}", flush=True)
            try:
                attack(stage, draw)
            except (OSError, AssertionError, subprocess.TimeoutExpired, SystemExit) as error:
                stage.fault(f"{attack.__name__}: {type(error).__name__}: {error}")
            time.sleep(draw.uniform(0, 0.3))
        time.sleep(1)
        released = raw() - 0.5
        lives = verdicts.check("it lives", stage.lives(), f"status {stage.ended}; " + ", ".join(f"{name} {count}" for name, count in counts.items()))
        heart.over = True
        verdicts.check(f"it answers within {ANSWERS_WITHIN} s", heart.count > 0 and heart.slowest <= ANSWERS_WITHIN + stage.lateness.grace and not heart.ended,
                       f"{heart.count} answers, the slowest after {heart.slowest:.2f} s; {heart.ended or 'none failed'}; "
                       f"the machine's own lateness {stage.lateness.worst:.3f} s")
        if lives:
            for key in CHORD:
                stage.client.ask("/note/off", 1, key)
            began = time.monotonic()
            while stage.voices() and time.monotonic() < began + 5:
                time.sleep(0.05)
            verdicts.check("no note is stuck", stage.voices() == 0, f"{stage.voices()} voices {time.monotonic() - began:.1f} s after the release")
            began = time.monotonic()
            os.kill(stage.pid, 15)
            while stage.lives() and time.monotonic() < began + 20:
                time.sleep(0.01)
            verdicts.check("SIGTERM ends it within a second, in order", stage.ended == 0 and time.monotonic() - began <= attacks.ENDS_WITHIN + stage.lateness.grace,
                           f"status {stage.ended} after {time.monotonic() - began:.2f} s")
            checked = subprocess.run([kairos, "check", str(stage.state)], capture_output=True, text=True)
            verdicts.check("its state is whole", checked.returncode == 0, checked.stdout.strip() + checked.stderr.strip())
    finally:
        stage.finish()
    heard, found, late, stood = gaps(stage)
    found = [(begin, end, name) for begin, end, name in found if end > sounded and begin < released]
    outside = [gap for gap in found if not is_covered(gap, stage.windows)]
    excused = [gap for gap in outside if stage.lateness.covers(gap[0], gap[1])]
    outside = [gap for gap in outside if gap not in excused]
    verdicts.check("the chord has no gap while JACK is there", heard > float(seconds) / 4 and not outside,
                   f"{heard:.0f} s recorded, {len(found) - len(excused) - len(outside)} gaps while JACK was down, {len(excused)} while this machine "
                   f"was late, {stood} after JACK stood still, {late * 1000:.0f} ms that JACK left out; other gaps: "
                   + (", ".join(f"{(end - begin) * 1000:.1f} ms at {begin - stage.began:.2f} s ({name})" for begin, end, name in outside[:8]) or "none"))
    verdicts.check("each attack was borne", not stage.faults, f"seed {seed}; " + ("; ".join(sorted(set(stage.faults))) or "no fault"))
    verdicts.exit()


if __name__ == "__main__":
    main(*sys.argv[1:])
