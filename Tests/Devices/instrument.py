"""A running instrument, and the servers around it, for the tests of devices."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "Tests/Support"))
import jack  # noqa: E402
import osc  # noqa: E402

PORT = 9433


class Folder:
    """A folder of its own for everything that a test writes, and the processes that end with it."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="kairos-devices-"))
        self.path.chmod(0o700)
        self.processes = []
        os.environ.update(
            XDG_CONFIG_HOME=str(self.path / "config"), XDG_STATE_HOME=str(self.path / "state"),
            XDG_RUNTIME_DIR=str(self.path), HOME=str(self.path), JACK_DEFAULT_SERVER=jack.NAME)

    def start(self, *command, log="server.log", **more):
        """Starts a program that ends with the test at the latest."""
        with open(self.path / log, "ab") as file:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **more)
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            try:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(10)
            except (OSError, subprocess.TimeoutExpired):
                pass
        subprocess.run(["rm", "-rf", str(self.path)], check=False)


class Instrument:
    """`kairos play` with a patch that sounds while its keys are down."""

    count = 0

    def __init__(self, folder, *options, before=(), stdout=None):
        Instrument.count += 1
        self.log = folder.path / f"play-{Instrument.count}.log"
        kairos = os.environ.get("KAIROS", str(TOP / ".build/release/kairos"))
        command = [
            *before, kairos, "play", "--patches", str(TOP / "Patches"), "--modules", str(TOP / "Modules"), "--mappings",
            str(TOP / "Mappings"), "--patch", "chapel-organ", "--no-session", "--osc", str(PORT), *options]
        if "--midi" not in options:
            command += ["--midi", "none"]
        with open(self.log, "wb") as file:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL if stdout is None else stdout, stdout=file if stdout is None else stdout,
                stderr=file)
        folder.processes.append(self.process)
        self.osc = osc.Client(PORT, 2)

    @classmethod
    def on_server(cls, folder, *options, **more):
        """On a server that runs. Kairos waits two seconds for its answer; on a busy machine it may take longer: then it is
        started again, five times at most."""
        for _ in range(5):
            player = cls(folder, *options, **more)
            wait(lambda: player.process.poll() is not None or player.answers(), 60)
            if player.process.poll() is None or "does not answer" not in player.text():
                break
        return player

    def answers(self):
        """Whether it answers OSC commands."""
        try:
            self.osc.ask("/status")
            return True
        except (osc.Refused, OSError):
            return False

    def text(self):
        return self.log.read_text(errors="replace")

    def told(self, line, times=1, seconds=20):
        """Whether the instrument prints `line` so often within a time that no machine needs."""
        return wait(lambda: self.text().count(line) >= times, seconds)

    def renders(self):
        """Whether blocks are rendered, and it answers."""
        try:
            return self.osc.renders()
        except OSError:
            return False

    def voices(self):
        return self.osc.ask("/meters")[2]

    def end(self):
        """Ends it by SIGTERM. Returns the exit status and the seconds it took; None where it had to be killed."""
        began = time.monotonic()
        self.process.terminate()
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None, 30
        return status, time.monotonic() - began


def wait(condition, seconds=20):
    """Whether `condition` comes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def output(*command):
    """What a program prints; empty where it fails or hangs."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout
    except subprocess.TimeoutExpired:
        return ""


def pitch(samples, rate):
    """The strongest frequency of `samples`, in hertz."""
    import numpy as np

    size = len(samples)
    spectrum = abs(np.fft.rfft(samples * np.hanning(size), 8 * size))
    return float(spectrum.argmax()) * rate / (8 * size)
