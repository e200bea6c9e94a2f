import re
import subprocess

from .base import Contestant, Failed, run, tool


class Csound(Contestant):
    """Csound, to a file, without messages and displays."""

    name, title = "csound", "Csound"
    language = "csd"

    def prepare(self):
        self.program = tool("csound", "csound")
        self.code = self.job.text(self.language)

    def version(self):
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True)
        return re.search(r"version ([\d.]+)", said.stdout + said.stderr).group(1)

    def play(self, notes, seconds):
        code, sound = self.folder / "voice.csd", self.folder / "sound.wav"
        sound.unlink(missing_ok=True)
        rate, lines = self.job.rate, []
        for n, note in enumerate(notes):
            # A held note (p3 = -1) of an instrument number of its own, so that none replaces another.
            length = -1 if note.end is None else (note.end - note.start) / rate
            number = 1 + note.program + (n + 1) / 10000
            lines.append(f"i {number:.4f} {note.start / rate:.9f} {length:.9f} {note.frequency:.9f}")
        lines += [f"f 0 {seconds}", "e"]
        code.write_text(self.code.replace("NOTES", "\n".join(lines)))
        cpu, _ = run([self.program, "-m0", "-d", "-W", "-f", "-o", sound, code])
        if not sound.exists():
            raise Failed("Csound wrote no sound")
        return cpu, sound
