import json
import shutil
from pathlib import Path

from .base import Contestant, Failed, Missing, Use, midi, run


class Kairos(Contestant):
    """Kairos: `kairos bench` for the figures, `kairos render` for the sound."""

    name, title, language = "kairos", "Kairos", "yaml"

    few = 0  # `kairos bench` counts rendering alone
    single = True
    built = Path(__file__).parents[2] / ".build/release/kairos"

    def prepare(self):
        built = self.built
        given = self.options.kairos or (built if built.exists() else shutil.which("kairos"))
        if not given or not Path(given).exists():
            raise Missing("kairos is not built: swift build -c release (or name it with --kairos)")
        self.program = Path(given).resolve()
        for old in self.folder.glob("*.yaml"):
            old.unlink()
        self.patch, *_ = [self.write(program) for program in self.job.programs]

    def version(self):
        try:
            return run([self.program, "--version"])[1].strip().removeprefix("kairos ")
        except Failed:
            return ""

    def play(self, notes, seconds):
        song, sound = self.folder / "voice.mid", self.folder / "sound.wav"
        song.write_bytes(midi(notes, self.job.rate, seconds))
        cpu, _ = run([
            self.program, "render", song, "-o", sound, "--rate", self.job.rate, "--tail", 0 if notes else seconds,
            "--mode", "entry", "--patches", self.patch.parent,
        ])
        return cpu, sound

    def use(self, voices, seconds):
        if self.job.bar:
            # Changes are rendered from a file, as the peers'. One voice would cost as much as sixteen: nothing is
            # played to take start-up out.
            own, (idle, _) = super().use(voices, seconds), self.play([], seconds)
            return Use(own.cpu - idle, own.sounded)
        command = [self.program, "bench", "--json", "--runs", 1, "--patch", self.patch, "--voices", voices,
                   "--seconds", f"{seconds:g}"]
        _, said = run(command)
        try:
            told = json.loads(said)
            if int(told["voices"]) != voices or abs(told["seconds"] - seconds) > 0.01:
                raise Failed(f"kairos bench played {told['voices']} voices for {told['seconds']} s")
            # It strikes the notes over the first quarter, as job.json says: not all sound all the time.
            return Use(float(told["cpuSeconds"]), self.job.sounded(self.job.notes(voices, seconds), seconds))
        except (ValueError, KeyError, TypeError) as error:
            raise Failed(f"{' '.join(map(str, command))} did not print cpuSeconds, voices and seconds: {error!r}") from None


class KairosV4(Kairos):
    """The same, built for AVX-512 (`make build-all`), where that was done."""

    name, title = "kairos-v4", "Kairos, AVX-512"
    built = Path(__file__).parents[2] / ".build-v4/release/kairos"

    @classmethod
    def takesPartIn(cls, job):
        return super().takesPartIn(job) and cls.built.exists()
