import os
import struct

from .base import BLOCK, Contestant, Failed, run, tool
import osc  # noqa: E402  base has made the path known


class Scsynth(Contestant):
    """SuperCollider's server, offline, fed a binary score of OSC bundles."""

    name, title = "scsynth", "scsynth"
    language = "scd"

    def prepare(self):
        self.server = tool("scsynth", "supercollider-server")
        sclang = tool("sclang", "supercollider-language")
        headless = {
            "QT_QPA_PLATFORM": "offscreen",
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
            "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
            "VOICE_FOLDER": str(self.folder),
        }
        self.code = []
        for program in self.job.programs:
            compiled = self.folder / "voice.scsyndef"
            compiled.unlink(missing_ok=True)
            _, said = run([sclang, "-D", self.write(program)], env=os.environ | headless, timeout=120)
            if not compiled.exists():
                raise Failed(f"sclang wrote no voice:\n{said}")
            # The name stands in it, as long as the other.
            self.code.append(compiled.read_bytes().replace(b"\5voice", b"\5voic" + b"%d" % len(self.code)))

    def version(self):
        return run([self.server, "-v"])[1].split(" (")[0].replace("scsynth ", "")

    def play(self, notes, seconds):
        score, sound = self.folder / "score.osc", self.folder / "sound.wav"
        rate = self.job.rate
        sound.unlink(missing_ok=True)
        with open(score, "wb") as file:
            for code in self.code:
                file.write(bundle(0, osc.message("/d_recv", code)))
            events = [(seconds, osc.message("/c_set", 0, 0))]
            for number, note in enumerate(notes, 1000):
                new = osc.message("/s_new", f"voic{note.program}", number, 0, 0, "freq", float(note.frequency), "gate", 1.0)
                events.append((note.start / rate, new))
                if note.end is not None and note.end < seconds * rate:
                    events.append((note.end / rate, osc.message("/n_set", number, "gate", 0.0)))
            for time, event in sorted(events, key=lambda event: event[0]):
                file.write(bundle(time, event))
        cpu, said = run([
            self.server, "-N", score, "_", sound, rate, "WAV", "float",
            "-i", 0, "-o", self.job.channels, "-z", BLOCK, "-n", len(notes) + 64, "-w", 1024, "-m", 65536,
        ])
        if "FAILURE" in said or "ERROR" in said or not sound.exists():
            raise Failed(f"scsynth: {said}")
        return cpu, sound


def bundle(seconds, body):
    """A line of an offline score: the packet's length, and a bundle with a time from the score's beginning."""
    raw = osc.bundle([body], round(seconds * 2**32))
    return struct.pack(">i", len(raw)) + raw
