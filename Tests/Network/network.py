#!/usr/bin/python3
"""Two machines, `stage` with Kairos and `desk` with a recorder in place of loudspeakers; see `run`."""

import math
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import wave

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "Tests/Support"), str(TOP / "Tests/Devices")]

from instrument import wait  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="kairos-network-"))
KAIROS = TOP / ".build/release/kairos"
PAGE = (TOP / "docs/guides/several-machines.md").read_text()
CHORD = (48, 60, 64)
ADDRESS = {"stage": "10.77.0.2", "desk": "10.77.0.1"}


class Machine:
    """A network namespace with shared memory, a host name and a home folder of its own."""

    def __init__(self, name):
        self.name, self.home, self.parts = name, FOLDER / name, []
        (self.home / ".config/pipewire/pipewire.conf.d").mkdir(parents=True)
        self.home.chmod(0o700)
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--ipc", "--uts", "bash", "-c",
             f"mount -t tmpfs shm /dev/shm && hostname {name} && echo && exec sleep 3600"], stdout=subprocess.PIPE)
        self.holder.stdout.readline()

    def _inside(self, command):
        return ["nsenter", "-t", str(self.holder.pid), "--mount", "--ipc", "--uts", "--net", "env", f"HOME={self.home}",
                f"XDG_RUNTIME_DIR={self.home}", f"XDG_CONFIG_HOME={self.home}/.config", *map(str, command)]

    def start(self, *command):
        """Starts a program; its output goes to a file that is called after it."""
        with open(self.home / f"{pathlib.Path(command[0]).name}.log", "ab") as log:
            self.parts.append(subprocess.Popen(self._inside(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def output(self, *command):
        """What a program prints; empty where it fails or hangs."""
        try:
            return subprocess.run(self._inside(command), capture_output=True, text=True, timeout=20, check=False).stdout
        except subprocess.TimeoutExpired:
            return ""

    def log(self, name):
        path = self.home / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def end(self):
        """Ends what was started."""
        for part in reversed(self.parts):
            # A JACK server waits for its clients, which are gone.
            part.kill()
            part.wait(10)
        self.parts = []

    def is_connected(self, name):
        """Whether the log called `name` says that the outputs of Kairos are connected."""
        return "JACK: connected to" in self.log(name)

    def chord(self):
        """Holds a chord."""
        for key in CHORD:
            self.output("oscsend", "localhost", "9000", "/note/on", "iii", "1", key, "110")


def cable():
    """Joins the machines: one network, with a route for multicast."""
    stage, desk = Machine("stage"), Machine("desk")
    subprocess.run(["ip", "link", "add", "stage", "type", "veth", "peer", "name", "desk"], check=True)
    for machine in (stage, desk):
        subprocess.run(["ip", "link", "set", machine.name, "netns", str(machine.holder.pid)], check=True)
        for words in (f"link set {machine.name} name eth0", f"addr add {ADDRESS[machine.name]}/24 dev eth0", "link set lo up",
                      "link set eth0 up", "route add 224.0.0.0/4 dev eth0"):
            machine.output("ip", *words.split())
    return stage, desk


def command(beginning):
    """The words of the page's command line that begins so, without '&'. A sound card is replaced by the dummy driver."""
    line = re.search(rf"^{re.escape(beginning)}.*$", PAGE, re.M)[0].removesuffix(" &")
    return [word.strip('"') for word in line.replace("-d alsa -d hw:0", "-d dummy").split()]


def play(words):
    """The words of a command line with the built Kairos, and a patch of which every note sounds at once."""
    return [KAIROS if word == "kairos" else word for word in words] + ["chapel-organ", "--midi", "none", "--no-session"]


def level(samples):
    """The mean level of 16-bit samples, in dB below full scale."""
    return 10 * math.log10(max(1e-12, sum(sample * sample for sample in samples) / max(1, len(samples)) / 32768**2))


def netjack(stage, desk, check):
    jackd = command("jackd -d alsa")
    desk.start(jackd[0], "--no-realtime", *jackd[1:])
    wait(lambda: "playback_1" in desk.output("jack_lsp"))
    desk.output(*command("jack_load netmanager"))
    jackd = command("jackd -d net")
    stage.start(jackd[0], "--no-realtime", *jackd[1:])
    check("NetJACK2: the machines find each other", wait(lambda: "stage:from_slave_1" in desk.output("jack_lsp"), 30))
    check("NetJACK2: it is connected to the loudspeakers",
          wait(lambda: "system:playback_1\n   stage:from_slave_1" in desk.output("jack_lsp", "-c")))
    stage.start(*play(command("kairos play --audio jack")))
    check("NetJACK2: Kairos connects itself", wait(lambda: stage.is_connected("kairos")))
    stage.chord()
    time.sleep(1)
    path = desk.home / "netjack.wav"
    desk.output("jack_rec", "-f", path, "-d", "2", "-b", "16", "stage:from_slave_1")
    with wave.open(str(path)) as file:
        samples = struct.unpack(f"<{file.getnframes() * file.getnchannels()}h", file.readframes(file.getnframes()))
    check("NetJACK2: the chord is heard on the other machine", level(samples) > -50, f"{level(samples):.1f} dBFS")


def pipewire(stage, desk, check):
    blocks = re.findall(r"```text\n(context.modules.*?)```", PAGE, re.S)
    for machine, block in zip((stage, desk), blocks, strict=True):
        (machine.home / ".config/pipewire/pipewire.conf.d/network.conf").write_text(block)
        machine.start("pipewire")
        wait(lambda machine=machine: "Dummy-Driver" in machine.output("pw-cli", "ls", "Node"))
        machine.start("dbus-run-session", "wireplumber")
    desk.start("pipewire-pulse")
    made = ("pactl", "load-module", "module-null-sink", "sink_name=speakers")
    wait(lambda: desk.output(*made).strip() != "", 30)
    check("PipeWire: there is a sink that leads to the network", wait(lambda: "network:playback_FL" in stage.output("pw-link", "-i")))
    stage.start(*play(command("pw-jack kairos play")))
    check("PipeWire: Kairos connects itself to it", wait(lambda: stage.is_connected("pw-jack"), 30))
    stage.chord()
    check("PipeWire: it arrives at the loudspeakers", wait(lambda: "speakers:playback_FL\n  |<-" in desk.output("pw-link", "-i", "-l"), 30))
    time.sleep(1)
    raw = subprocess.run(desk._inside(["timeout", "4", "parec", "--latency-msec=50", "-d", "speakers.monitor", "--format=s16le", "--rate=48000"]),
                         capture_output=True, check=False).stdout
    samples = struct.unpack(f"<{len(raw) // 2}h", raw[:len(raw) // 2 * 2])
    check("PipeWire: the chord is heard on the other machine", level(samples) > -50, f"{level(samples):.1f} dBFS")
    # After the first tenth of a second; 10 ms of zeros in both channels are a gap.
    zeros = "".join("1" if sample else "0" for sample in samples[9600:])
    longest = max((len(run) for run in re.findall("0+", zeros)), default=0)
    check("PipeWire: without gaps", len(zeros) > 48000 and longest < 960, f"longest silence {longest / 96:.1f} ms")


def main():
    verdicts = Verdicts()
    stage, desk = cable()
    try:
        for trial in (netjack, pipewire):
            trial(stage, desk, verdicts.check)
            for machine in (stage, desk):
                machine.end()
        if verdicts.failed:
            for log in sorted(FOLDER.glob("*/*.log")):
                print(f"--- {log}\n{log.read_text(errors='replace')[-600:]}")
    finally:
        for machine in (stage, desk):
            machine.end()
            machine.holder.kill()
        shutil.rmtree(FOLDER, ignore_errors=True)
    verdicts.exit()


if __name__ == "__main__":
    main()
