"""A JACK server without a sound card, and what it carries, recorded."""

import os
import pathlib
import signal
import subprocess
import time

# The name of every test's server, one at a time. A killed server keeps its name's place, of the eight that a machine has,
# until the next server of that name starts: with names of their own, tests would use them up.
NAME = "kairos-test"
TOOLS = pathlib.Path(__file__).resolve().parents[1] / "Machine/tools"


class Server:
    """A server that clients find by JACK_DEFAULT_SERVER. It waits for its clients in each cycle."""

    def __init__(self, folder, period=256, rate=48_000):
        os.environ["JACK_DEFAULT_SERVER"] = NAME
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
