"""A JACK server without a sound card, and what it carries, recorded."""

import os
import pathlib
import signal
import subprocess
import time

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "Machine/tools"


class Server:
    """A server of its own name, which clients find by JACK_DEFAULT_SERVER. It waits for its clients in each cycle."""

    def __init__(self, name, folder, period=256, rate=48_000):
        os.environ["JACK_DEFAULT_SERVER"] = self.name = f"{name}-{os.getpid()}"
        self.command = ["jackd", "--no-realtime", "-S", "-d", "dummy", "-r", str(rate), "-p", str(period)]
        self.log, self.process = open(pathlib.Path(folder) / "jack.log", "w"), None
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT)
        until = time.monotonic() + 60
        while subprocess.run(["jack_lsp"], capture_output=True).returncode:
            if time.monotonic() > until:
                raise SystemExit("FAILED  no JACK server starts; see jack.log")
            time.sleep(0.05)

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()

    def stop(self):
        self.process.kill()
        self.process.wait()


def recorder(folder):
    """Builds the recorder, and returns its path."""
    tool = pathlib.Path(folder) / "jackrec"
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", tool, TOOLS / "jackrec.c", "-ljack", "-lasound", "-lm", "-lpthread"],
                   check=True)
    return tool
