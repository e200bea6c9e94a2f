"""What a contestant is, and the notes that all of them play."""

import json
import os
import resource
import runpy
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests/Support"))

import smf  # noqa: E402  the path must be known first

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
    end: int | None = None  # frame; None: held
    program: int = 0

    @property
    def frequency(self):
        return 440 * 2 ** ((self.key - 69) / 12)


@dataclass(frozen=True)
class Use:
    """What a run used."""

    cpu: float  # seconds, user and system
    sounded: float  # voices × seconds


class Job:
    """A folder: the same voice in the language of each contestant, and job.json.

    `replace` makes another job of it: for each language, texts and what stands in their place.
    """

    programs = ["voice"]  # what a note's program is called; a change selects it
    unit = "voices"
    bar = None  # seconds, if the sound changes in every bar
    channels = 1
    check = None
    less = None  # a voice whose cost is subtracted
    ceiling = False  # whether the programs of the folder `ceiling` play it
    single = None  # seconds of the run of one note, if that is measured too
    build = None  # a script of the folder whose `voices(program)` writes them: {language: text}

    def __init__(self, folder, replace=None, programs=None):
        self.folder = Path(folder)
        self.name = self.folder.name
        self.replace = replace or {}
        for key, value in json.loads((self.folder / "job.json").read_text()).items():
            setattr(self, key, value)
        self.programs = programs or self.programs
        self.make = runpy.run_path(str(self.folder / self.build))["voices"] if self.build else lambda program: {}

    def has(self, language):
        return language in self.make(self.programs[0]) or (self.folder / f"{self.programs[0]}.{language}").exists()

    def text(self, language, program=None):
        program = program or self.programs[0]
        text = self.make(program).get(language) or (self.folder / f"{program}.{language}").read_text()
        for old, new in self.replace.get(language, []):
            if old not in text:
                raise Failed(f"{self.name}, {language}: there is no '{old}' to replace")
            text = text.replace(old, new)
        return text

    def variant(self, of):
        """The job for the check of the sound (`of` is `check`), or the one that is subtracted (`less`)."""
        if of == "check":
            return Job(self.folder, self.check.get("replace"), self.programs)
        return Job(self.folder, programs=[self.less])

    def notes(self, voices, seconds):
        """Held notes that begin one after the other within the first part, `spread`, of the time; with `bar`,
        all at once in each bar, each bar another program."""
        if self.bar:
            bars, length = round(seconds / self.bar), self.frames(self.bar)
            return [Note(bar * length, self.key(voice), voice // self.keys, (bar + 1) * length,
                         bar % len(self.programs)) for bar in range(bars) for voice in range(voices)]
        return [Note(self.frames(voice / voices * self.spread * seconds), self.key(voice), voice // self.keys)
                for voice in range(voices)]

    def frames(self, seconds):
        return int(seconds * self.rate) // BLOCK * BLOCK

    def key(self, voice):
        return self.firstKey + voice * self.keyStep % self.keys

    def sounded(self, notes, seconds):
        """Chains, of which there is one, or voices: times the seconds that they sound."""
        if self.less:
            return seconds
        frames = round(seconds * self.rate)
        return sum(min(frames, frames if note.end is None else note.end) - note.start for note in notes) / self.rate


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
    events = []
    for n in notes:
        end = seconds if n.end is None else n.end / rate
        events += [(round(1000 * n.start / rate), 2, bytes([0x90 | n.channel, n.key, 100])),
                   (round(1000 * end), 0, bytes([0x80 | n.channel, n.key, 64]))]
    if any(n.program for n in notes):
        events += sorted({(round(1000 * n.start / rate), 1, bytes([0xC0, n.program])) for n in notes})
    tempo = (0, b"\xff\x51\x03\x0f\x42\x40")  # a quarter note a second
    return smf.chunks([smf.track([tempo] + [(tick, message) for tick, _, message in sorted(events)])], 1000)


class Contestant:
    """Renders the notes of a job. A subclass says how; a run leaves its sound in a file."""

    name = ""
    title = ""
    language = ""  # the end of the voice's file name
    # A run of this many voices, subtracted from the measured one, takes start-up out. Not 0: some work
    # (tables, code pages) is done for the first voice only. 0: nothing to take out.
    few = 1
    single = False  # takes part in the run of one note

    def __init__(self, job, folder, options):
        self.job = job
        self.folder = Path(folder).resolve() / self.name
        self.options = options
        os.makedirs(self.folder, exist_ok=True)

    @classmethod
    def takesPartIn(cls, job):
        return job.has(cls.language)

    def write(self, program):
        """The voice, in a file of the working folder."""
        path = self.folder / f"{program}.{self.language}"
        path.write_text(self.job.text(self.language, program))
        return path

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
