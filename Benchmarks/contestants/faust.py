from pathlib import Path

import numpy as np
from scipy.io import wavfile

from .base import BLOCK, Contestant, run, tool


class Faust(Contestant):
    """Faust, compiled by way of C++; the voices are instances of the generated class."""

    name, title = "faust", "Faust → C++"
    language = "dsp"
    package = "faust faust-common"
    # The fastest of those tried: loops of 32 frames, so that g++ makes the tangent and the power vectors.
    translation = ["-vec", "-vs", "32", "-lv", "0"]
    flags = ["-std=c++17", "-O3", "-march=native", "-ffast-math"]

    def prepare(self):
        faust = tool("faust", self.package)
        compiler = tool("g++", "g++")
        source, self.program = self.folder / "voice.cpp", self.folder / "render"
        frame = Path(__file__).with_name("faust.cpp")
        # The folder of the architecture file is searched only if it is the working folder.
        run([faust, *self.translation, "-lang", "cpp", "-a", frame.name, "-o", source, self.write(self.job.programs[0])], cwd=frame.parent)
        run([compiler, *self.flags, source, "-o", self.program])

    def version(self):
        return run([tool("faust", self.package), "--version"])[1].split()[2]

    def play(self, notes, seconds):
        lines, raw, sound = self.folder / "notes", self.folder / "sound.raw", self.folder / "sound.wav"
        lines.write_text("".join(f"{note.start} {note.frequency:.9f}\n" for note in notes))
        cpu, _ = run([self.program, lines, round(seconds * self.job.rate), raw])
        wavfile.write(sound, self.job.rate, np.fromfile(raw, np.float32).reshape(-1, self.job.channels))
        return cpu, sound
