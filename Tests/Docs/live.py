"""A running instrument without sound, and what is sent to it over OSC."""

import os
import pathlib
import shlex
import socket
import subprocess
import sys
import time

import commands
import osc  # noqa: E402  commands has made Tests/Support known


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Instrument:
    """`kairos play slow-tide` with the silent timer, in a home folder of its own, for a `with` statement."""

    def __init__(self, kairos, folder):
        self.kairos, self.folder, self.port = kairos, pathlib.Path(folder), free_port()

    def __enter__(self):
        environment = {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / ".config"),
                       "XDG_STATE_HOME": str(self.folder / ".state")}
        self.process = subprocess.Popen(
            [self.kairos, "play", "slow-tide", "--audio", "null", "--midi", "none", "--no-session", "--osc", str(self.port)],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = osc.Client(self.port, seconds=0.5)
        for _ in range(60):
            try:
                client.ask("/status")
                return self
            except (ConnectionError, TimeoutError, OSError):
                time.sleep(0.1)
        raise SystemExit("FAILED  the instrument does not answer over OSC")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


def value(kind, word):
    return {"i": int, "f": float, "s": str}[kind](word)


def sent(page, instrument):
    """Sends every `oscsend` line of a page. Yields (place, what is wrong)."""
    client = osc.Client(instrument.port, seconds=20)
    for block in page.blocks:
        if block.language != "sh" or block.is_excluded:
            continue
        for number, command in commands.lines(block):
            if not command.startswith("oscsend "):
                continue
            _, _, _, address, *rest = shlex.split(command)
            try:
                values = [value(kind, word) for kind, word in zip(rest[0], rest[1:], strict=True)] if rest else []
                client.ask(address, *values)
                # Notes and program changes act a moment after they are answered, and a reader types slowly.
                time.sleep(0.15)
            except (osc.Refused, TimeoutError, ValueError, KeyError) as error:
                yield f"{page.name}:{number}", f"{command}: {error or 'no answer'}"


def has_osc(page):
    return any("oscsend " in block.text for block in page.blocks if block.language == "sh")


def python(path, instrument):
    """Runs an example against the instrument. What is wrong, or None."""
    text = path.read_text().replace("9000", str(instrument.port))
    result = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=30)
    if result.returncode:
        return f"exit status {result.returncode}: {result.stderr.strip()[-300:]}"
    return None if result.stdout.strip() else "it prints nothing"


def pd(path, instrument, folder):
    """Opens the Pd patch without a window and plays its messages. What is wrong, or None."""
    copy = pathlib.Path(folder) / path.name
    copy.write_text(path.read_text().replace("9000", str(instrument.port)))
    process = subprocess.Popen(
        ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-open", copy, "-send",
         "; kairos-note 1 60 100; kairos-cutoff 0.5; kairos-next bang"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(2)
    process.terminate()
    told = process.communicate(timeout=10)[0]
    missing = [command for command in ("/note/on", "/mod/filter/cutoff/normalized", "/next") if f"list ok {command}" not in told]
    return f"not answered: {', '.join(missing)}: {told.strip()[-300:]}" if missing else None
