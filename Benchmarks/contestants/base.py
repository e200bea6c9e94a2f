"""What a contestant is, and the notes that all of them play."""

import json
import os
import resource
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

BLOCK = 64


class Missing(Exception):
    """A contestant, or what it needs, is not there."""


class Failed(Exception):
    """A contestant did not do its work."""


@dataclass(frozen=True)
class Note:
    start: int  # frame, a multiple of BLOCK
    key: int
    channel: int = 0

    @property
    def frequency(self):
        return 440 * 2 ** ((self.key - 69) / 12)


@dataclass(frozen=True)
class Use:
    """What a run used."""

    cpu: float  # seconds, user and system
    sounded: float  # voices × seconds


class Job:
    """A folder: the same voice in the language of each contestant, and job.json."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = self.folder.name
        for key, value in json.loads((self.folder / "job.json").read_text()).items():
            setattr(self, key, value)

    def notes(self, voices, seconds):
        """Held notes that begin one after the other within the first part, `spread`, of the time."""
        notes = []
        for voice in range(voices):
            start = int(voice / voices * self.spread * seconds * self.rate) // BLOCK * BLOCK
            key = self.firstKey + voice * self.keyStep % self.keys
            notes.append(Note(start, key, voice // self.keys))
        return notes

    def sounded(self, notes, seconds):
        return sum(seconds - note.start / self.rate for note in notes)


def tool(name, package):
    """The path of a program, or the command that installs it."""
    path = shutil.which(name)
    if not path:
        raise Missing(f"{name} is not installed: apt-get install {package}")
    return path


def run(command, **options):
    """Runs a command to its end: CPU seconds of it and its children, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(part) for part in command]
    options = {"capture_output": True, "text": True, "errors": "replace", "timeout": 600} | options
    try:
        done = subprocess.run(command, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-12:]
        raise Failed(f"{' '.join(command)}: status {done.returncode}\n" + "\n".join(said))
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def midi(notes, rate, seconds):
    """A Standard MIDI File of held notes, let go at the end; a tick is a millisecond."""
    events = [(round(1000 * n.start / rate), 1, bytes([0x90 | n.channel, n.key, 100])) for n in notes]
    events += [(round(1000 * seconds), 0, bytes([0x80 | n.channel, n.key, 64])) for n in notes]
    body, now = b"\x00\xff\x51\x03\x0f\x42\x40", 0
    for tick, _, message in sorted(events):
        body += variable(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, 1000, b"MTrk", len(body)) + body


def variable(number):
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return bytes(reversed(digits))


class Contestant:
    """Renders the notes of a job. A subclass says how; a run leaves its sound in a file."""

    name = ""
    title = ""
    # A run of this many voices, subtracted from the measured one, takes start-up out. Not 0: some work
    # (tables, code pages) is done for the first voice only. 0: nothing to take out.
    few = 1

    def __init__(self, job, folder, options):
        self.job = job
        self.folder = Path(folder) / self.name
        self.options = options
        os.makedirs(self.folder, exist_ok=True)

    def prepare(self):
        """Looks for what it needs and compiles."""

    def version(self):
        return ""

    def play(self, notes, seconds):
        """Renders; gives the CPU seconds and the path of a WAV file."""
        raise NotImplementedError

    def use(self, voices, seconds):
        notes = self.job.notes(voices, seconds)
        cpu, _ = self.play(notes, seconds)
        return Use(cpu, self.job.sounded(notes, seconds))
