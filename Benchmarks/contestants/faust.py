from pathlib import Path

import numpy as np
from scipy.io import wavfile

from .base import Contestant, run, tool


class Faust(Contestant):
    """Faust, compiled by way of C++; the voices are instances of the generated class."""

    name, title = "faust", "Faust → C++"
    language = "dsp"
    package = "faust faust-common"
    # Loops of 32 frames, so that g++ makes functions vectors; or one loop. The faster one is kept, for each job.
    translations = {"loops": ["-vec", "-vs", "32", "-lv", "0"], "loop": []}
    flags = ["-std=c++17", "-O3", "-march=native", "-ffast-math"]

    def prepare(self):
        faust = tool("faust", self.package)
        compiler = tool("g++", "g++")
        voice, tried = self.write(self.job.programs[0]), {}
        frame = Path(__file__).with_name("faust.cpp")
        for name, words in self.translations.items():
            source, self.program = self.folder / f"{name}.cpp", self.folder / name
            # The folder of the architecture file is searched only if it is the working folder.
            run([faust, *words, "-lang", "cpp", "-a", frame.name, "-o", source, voice], cwd=frame.parent)
            run([compiler, *self.flags, f"-I{frame.parent}", source, "-o", self.program])
            tried[self.program] = min(self.play(self.job.notes(16, 2), 2)[0] for _ in range(3))
        self.program = min(tried, key=tried.get)

    def version(self):
        return run([tool("faust", self.package), "--version"])[1].split()[2]

    def play(self, notes, seconds):
        lines, raw, sound = self.folder / "notes", self.folder / "sound.raw", self.folder / "sound.wav"
        lines.write_text("".join(f"{note.start} {note.frequency:.9f}\n" for note in notes))
        cpu, _ = run([self.program, lines, round(seconds * self.job.rate), raw])
        wavfile.write(sound, self.job.rate, np.fromfile(raw, np.float32).reshape(-1, self.job.channels))
        return cpu, sound


class FaustLoop(Faust):
    """Several voices in one loop, and a second program for their controls: a control rate, which Faust has not."""

    name, title = "faust-loop", "Faust → C++, one loop"
    together = [4, 8]

    @classmethod
    def takesPartIn(cls, job):
        return (job.folder / "loop.dsp").exists()

    def prepare(self):
        faust = tool("faust", self.package)
        compiler = tool("g++", "g++")
        frame, control, tried = Path(__file__).with_name("faust-loop.cpp"), self.folder / "control.cpp", {}
        run([faust, "-lang", "cpp", "-cn", "Control", "-o", control, self.job.folder / "control.dsp"])
        for number in self.together:
            voice, source, self.program = (self.folder / f"loop{number}{end}" for end in (".dsp", ".cpp", ""))
            voice.write_text((self.job.folder / "loop.dsp").read_text().replace("TOGETHER", str(number)))
            run([faust, "-lang", "cpp", "-cn", "Loop", "-o", source, voice])
            run([compiler, *self.flags, f"-I{frame.parent}", f"-DTOGETHER={number}", f'-DLOOP="{source}"',
                 f'-DCONTROL="{control}"', frame, "-o", self.program])
            tried[self.program] = min(self.play(self.job.notes(64, 2), 2)[0] for _ in range(3))
        self.program = min(tried, key=tried.get)
