import json
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from .base import Contestant, Failed, Missing, run, tool

SOURCE = Path(__file__).parents[1] / "ceiling"
# Not -ffast-math: it takes the rounding by a large number away.
FLAGS = ["-std=c++17", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]


class Fused(Contestant):
    """A program of the folder `ceiling`: the voice of one job, written by hand. It counts rendering alone."""

    few = 0
    source, march = "", "x86-64-v3"
    builds = []  # compiler, lanes
    widths = []

    @classmethod
    def takesPartIn(cls, job):
        return job.ceiling

    def prepare(self):
        """Builds it in every way whose compiler is there, and keeps the fastest."""
        tried, missing = {}, []
        for compiler, lanes in self.builds:
            program = self.folder / f"{compiler}-{lanes}"
            try:
                compile = [tool(compiler, compiler), *FLAGS, f"-march={self.march}", f"-DLANES={lanes}"]
            except Missing as error:
                missing.append(str(error))
                continue
            run([*compile, SOURCE / self.source, "-o", program])
            for width in self.widths:
                self.program, self.words = program, width
                tried[program, width] = min(self.play(self.job.notes(64, 10), 10)[0] for _ in range(5))
        if not tried:
            raise Missing("; ".join(missing))
        self.program, self.words = min(tried, key=tried.get)

    def version(self):
        compiler, lanes = self.program.name.split("-")
        width = f" × {self.words[0]}" if self.words else ""
        return f"({self.march}, {compiler}{f', {lanes} lanes{width}' if self.words else ''})"

    def play(self, notes, seconds):
        lines, raw, sound = self.folder / "notes", self.folder / "sound.raw", self.folder / "sound.wav"
        lines.write_text("".join(f"{note.start} {note.frequency:.9f}\n" for note in notes))
        _, said = run([self.program, lines, round(seconds * self.job.rate), raw, *self.words])
        try:
            cpu = json.loads(said)["cpuSeconds"]
        except (ValueError, KeyError) as error:
            raise Failed(f"{self.source} did not print cpuSeconds: {error!r}") from None
        wavfile.write(sound, self.job.rate, np.fromfile(raw, np.float32))
        return cpu, sound


class Ceiling(Fused):
    name, title, source = "ceiling", "Ceiling", "lanes.cpp"
    # g++ takes vectors wider than the machine's apart, element by element.
    builds = [("clang++", 16), ("g++", 8)]
    widths = [(1,), (2,), (4,)]


class CeilingNative(Ceiling):
    name, title, march = "ceiling-native", "Ceiling, native", "native"
    builds = [("clang++", 16), ("g++", 16), ("g++", 8)]


class Scalar(Fused):
    name, title, source = "scalar", "Scalar", "scalar.cpp"
    builds = [("clang++", 1), ("g++", 1)]
    widths = [()]
    single = True
