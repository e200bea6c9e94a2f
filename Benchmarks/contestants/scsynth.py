import os
import struct

from .base import BLOCK, Contestant, Failed, run, tool


class Scsynth(Contestant):
    """SuperCollider's server, offline, fed a binary score of OSC bundles."""

    name, title = "scsynth", "scsynth"

    def prepare(self):
        self.server = tool("scsynth", "supercollider-server")
        sclang = tool("sclang", "supercollider-language")
        headless = {
            "QT_QPA_PLATFORM": "offscreen",
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
            "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
            "VOICE_FOLDER": str(self.folder),
        }
        _, said = run([sclang, "-D", self.job.folder / "voice.scd"], env=os.environ | headless, timeout=120)
        compiled = self.folder / "voice.scsyndef"
        if not compiled.exists():
            raise Failed(f"sclang wrote no voice:\n{said}")
        self.code = compiled.read_bytes()

    def version(self):
        return run([self.server, "-v"])[1].split(" (")[0].replace("scsynth ", "")

    def play(self, notes, seconds):
        score, sound = self.folder / "score.osc", self.folder / "sound.wav"
        rate = self.job.rate
        sound.unlink(missing_ok=True)
        with open(score, "wb") as file:
            file.write(bundle(0, message("/d_recv", self.code)))
            for number, note in enumerate(notes):
                new = message("/s_new", "voice", 1000 + number, 0, 0, "freq", float(note.frequency), "gate", 1.0)
                file.write(bundle(note.start / rate, new))
            file.write(bundle(seconds, message("/c_set", 0, 0)))
        cpu, said = run([
            self.server, "-N", score, "_", sound, rate, "WAV", "float",
            "-i", 0, "-o", 1, "-z", BLOCK, "-n", len(notes) + 64, "-m", 65536,
        ])
        if "FAILURE" in said or "ERROR" in said or not sound.exists():
            raise Failed(f"scsynth: {said}")
        return cpu, sound


def message(address, *arguments):
    tags, data = ",", b""
    for argument in arguments:
        if isinstance(argument, int):
            tags, data = tags + "i", data + struct.pack(">i", argument)
        elif isinstance(argument, float):
            tags, data = tags + "f", data + struct.pack(">f", argument)
        elif isinstance(argument, str):
            tags, data = tags + "s", data + text(argument)
        else:
            tags, data = tags + "b", data + struct.pack(">i", len(argument)) + argument + bytes(-len(argument) % 4)
    return text(address) + text(tags) + data


def text(string):
    raw = string.encode() + b"\0"
    return raw + bytes(-len(raw) % 4)


def bundle(seconds, body):
    raw = text("#bundle") + struct.pack(">Q", round(seconds * 2**32)) + struct.pack(">i", len(body)) + body
    return struct.pack(">i", len(raw)) + raw
