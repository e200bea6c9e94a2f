import re
import subprocess

from .base import Contestant, Failed, run, tool


class Csound(Contestant):
    """Csound, to a file, without messages and displays."""

    name, title = "csound", "Csound"

    def prepare(self):
        self.program = tool("csound", "csound")
        self.code = (self.job.folder / "voice.csd").read_text()

    def version(self):
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True)
        return re.search(r"version ([\d.]+)", said.stdout + said.stderr).group(1)

    def play(self, notes, seconds):
        code, sound = self.folder / "voice.csd", self.folder / "sound.wav"
        sound.unlink(missing_ok=True)
        # A held note (p3 = -1) of an instrument number of its own, so that none replaces another.
        lines = [f"i {1 + (n + 1) / 10000:.4f} {note.start / self.job.rate:.9f} -1 {note.frequency:.9f}"
                 for n, note in enumerate(notes)]
        lines += [f"f 0 {seconds}", "e"]
        code.write_text(self.code.replace("NOTES", "\n".join(lines)))
        cpu, _ = run([self.program, "-m0", "-d", "-W", "-f", "-o", sound, code])
        if not sound.exists():
            raise Failed("Csound wrote no sound")
        return cpu, sound
