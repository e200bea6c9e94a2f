"""Tests a running instrument with OSC clients:  client.py KAIROS FOLDER"""

import os
import pathlib
import re
import shlex
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time

import numpy
from oscpy.parser import format_message, read_message
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import jack  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402

PORT = 9137


def message(address, *values):
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build()


class UDP:
    def __init__(self, port=PORT):
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(2)

    def send(self, data):
        self.socket.sendto(data, ("127.0.0.1", self.port))

    def receive(self):
        return OscMessage(self.socket.recv(65536))


class TCP:
    """A TCP connection; packets have a length before them, or are SLIP frames."""

    def __init__(self, slip, port=PORT):
        self.slip = slip
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.bytes = b""

    def send(self, data):
        if self.slip:
            data = b"\xc0" + data.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"
        else:
            data = len(data).to_bytes(4, "big") + data
        self.socket.sendall(data)

    def receive(self):
        while True:
            if self.slip and self.bytes.count(b"\xc0") >= 2:
                _, frame, self.bytes = self.bytes.split(b"\xc0", 2)
                return OscMessage(frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb"))
            if not self.slip and len(self.bytes) >= 4 + int.from_bytes(self.bytes[:4], "big") > 4:
                size = int.from_bytes(self.bytes[:4], "big")
                packet, self.bytes = self.bytes[4:4 + size], self.bytes[4 + size:]
                return OscMessage(packet)
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the server has closed the connection")
            self.bytes += data


class OscpyClient:
    """A UDP client that formats and parses messages with oscpy."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(2)

    def done(self, address, *values):
        values = [value.encode() if isinstance(value, str) else value for value in (*values, "#oscpy")]
        self.socket.sendto(format_message(address.encode(), values)[0], ("127.0.0.1", PORT))
        while True:
            answer, _, found, _ = read_message(self.socket.recv(65536))
            if found and found[-1] == b"#oscpy":
                break
        if answer != b"/ok":
            raise AssertionError(f"{address}: {found}")
        return found[2:-1]


class Client:
    """A client over UDP or TCP that formats messages with python-osc."""

    count = 0

    def __init__(self, transport):
        self.transport = transport

    def send(self, address, *values):
        self.transport.send(message(address, *values).dgram)

    def ask(self, address, *values):
        """Sends a command with a tag of its own; returns the answer's address and values, ignoring other messages."""
        Client.count += 1
        tag = f"#{Client.count}"
        self.send(address, *values, tag)
        while True:
            answer = self.transport.receive()
            if answer.params and answer.params[-1] == tag:
                return answer.address, answer.params[:-1]

    def done(self, address, *values):
        kind, found = self.ask(address, *values)
        if kind != "/ok":
            raise AssertionError(f"{address} {values}: {found}")
        return found[2:]

    def answers(self):
        """Whether the instrument answers; it may first answer `busy`, and in a flood UDP packets are lost."""
        for _ in range(200):
            try:
                if self.ask("/status")[0] == "/ok":
                    return True
            except TimeoutError:
                continue
            time.sleep(0.02)
        return False

    def refused(self, address, *values):
        kind, found = self.ask(address, *values)
        return found[0] if kind == "/error" else None


class Instrument:
    def __init__(self, kairos, folder, *options, port=PORT):
        self.config = pathlib.Path(folder) / "config"
        shutil.rmtree(self.config, ignore_errors=True)
        self.log = open(pathlib.Path(folder) / "kairos.log", "w")
        self.process = subprocess.Popen(
            [kairos, "play", "--no-session", "--midi", "none", "--osc", str(port), "--json", *(options or ("--audio", "null"))],
            stdout=self.log, stderr=subprocess.STDOUT,
            env=dict(os.environ, XDG_CONFIG_HOME=str(self.config), HOME="/nowhere"))
        self.client = Client(UDP(port))
        for _ in range(100):
            try:
                self.client.done("/status")
                return
            except (ConnectionError, TimeoutError, socket.timeout):
                time.sleep(0.05)
        raise SystemExit("the instrument does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends the process, however the test ended."""
        self.process.kill()
        self.process.wait()

    def memory(self):
        """The proportional set size in kilobytes."""
        for line in open(f"/proc/{self.process.pid}/smaps_rollup"):
            if line.startswith("Pss:"):
                return int(line.split()[1])

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=10)


verdicts = Verdicts()
check = verdicts.check


def until(holds):
    """Waits until a condition holds, for at most half a minute."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError


def grow(client, modules, connections):
    """Builds a draft of many modules and connections; most modules are idle."""
    draw = random.Random(modules)
    client.done("/patch/clear")
    client.done("/patch/create", "out", "output")
    names = []
    for number in range(modules - 1):
        kind = ("sine", "mix", "vca", "svf")[number % 4] if number else "sine"
        client.done("/patch/create", f"m{number}", kind)
        names.append((f"m{number}", kind))
    inlets = {"sine": ["modulator"], "mix": ["a", "b", "c", "d"], "vca": ["input"], "svf": ["input"]}
    made = set()
    while len(made) < connections - 1:
        first = draw.randrange(len(names) - 1)
        last = draw.randrange(first + 1, len(names))
        connection = (names[first][0], f"{names[last][0]}.{draw.choice(inlets[names[last][1]])}")
        if connection not in made:
            made.add(connection)
            client.done("/patch/connect", *connection)
    client.done("/patch/connect", names[-1][0], "out")


FIRST_PATCH = (
    ("/patch/create", "osc1", "sine"), ("/patch/create", "filt1", "biquad"), ("/patch/connect", "osc1", "filt1"),
    ("/mod/osc1/frequency", 880), ("/mod/filt1/cutoff", 2000), ("/patch/commit",),
)


def oscsend(address, *values):
    types = ["".join("s" if isinstance(value, str) else "i" for value in values)] if values else []
    subprocess.run(["oscsend", "localhost", str(PORT), address, *types, *map(str, values)], check=True)


def recorded(folder, seconds=1.0):
    """Records the left output through JACK."""
    path = folder / "recorded"
    subprocess.run([folder / "jackrec", "-s", str(seconds), path, "Kairos:left"], check=True,
                   stderr=subprocess.DEVNULL)
    return numpy.fromfile(str(path) + ".f32", numpy.float32)


def pitch(sound):
    """The frequency in hertz by the median period, and the fraction of the periods with that length. Where the machine was
    too slow for JACK, some sound is missing, which changes at most two periods."""
    rising = numpy.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    if len(rising) < 100:
        return 0.0, 0.0
    at = rising + sound[rising] / (sound[rising] - sound[rising + 1])
    periods = numpy.diff(at)
    median = numpy.median(periods)
    return 48_000 / median, numpy.mean(numpy.abs(periods / median - 1) < 0.002)


def sounds(kairos, folder):
    """Three independent OSC libraries build a patch; its sound is recorded through JACK."""
    jack.recorder(folder)
    server = jack.Server(folder, period=1024)
    try:
        instrument = Instrument(kairos, folder, "--audio", "jack")
        try:
            client = instrument.client
            for name, send in (("oscsend (liblo)", oscsend), ("python-osc", client.done), ("oscpy", OscpyClient().done)):
                for words in FIRST_PATCH:
                    send(*words)
                for _ in range(500):
                    if "filt1" in client.done("/mod"):
                        break
                    time.sleep(0.02)
                time.sleep(0.2)
                frequency, clear = pitch(recorded(folder))
                check(f"the patch built by {name} sounds at 880 Hz", abs(frequency - 880) < 0.1 and clear > 0.7,
                      f"{frequency:.2f} Hz in {clear:.0%} of its periods")
                client.done("/patch/undo")
                time.sleep(0.2)
                silence = numpy.abs(recorded(folder, 0.3)).max()
                check("and is silent after undo", silence < 1e-4, f"{silence:.6f}")
        finally:
            instrument.stop()
    finally:
        server.stop()


def libraries(instrument, kairos):
    client = instrument.client
    for words in FIRST_PATCH:
        oscsend(*words)
    for _ in range(500):
        if "osc1" in client.done("/mod"):
            break
        time.sleep(0.02)
    values = client.done("/mod/osc1/frequency"), client.done("/mod/filt1/cutoff")
    check("oscsend (liblo) builds the patch", values == ([880.0, "880 Hz"], [2000.0, "2 kHz"]), values)
    for name, transport in (("UDP", UDP()), ("TCP, lengths", TCP(False)), ("TCP, SLIP", TCP(True))):
        other = Client(transport)
        other.done("/patch/create", "extra", "saw")
        milliseconds = other.done("/patch/commit")
        exists = "extra" in client.done("/mod")
        other.done("/patch/undo")
        check(f"python-osc over {name}", exists and milliseconds[1:] == ["extra"] and "extra" not in client.done("/mod"))
    first, second = Client(TCP(False)), Client(TCP(True))
    first.done("/mod/osc1/detune", 1)
    first.done("/patch/create", "mine", "saw")
    check("each TCP connection has its own draft", "mine" not in second.done("/mod"))
    first.transport.socket.close()
    text = Client(TCP(False)).done("/patch/show")[0]
    check("the patch is shown as YAML", text.startswith("kairos: patch/1\n"))
    sent = time.time()
    bundle = OscBundleBuilder(sent + 1)
    for key in (60, 64, 67):
        bundle.add_content(message("/note/on", 1, key, 100))
    client.transport.send(bundle.build().dgram)
    early = client.done("/meters")[2], time.time() - sent
    while time.time() < sent + 1.3 or (client.done("/meters")[2] < 3 and time.time() < sent + 5):
        time.sleep(0.05)
    voices = early[0], client.done("/meters")[2]
    # If the machine was so slow that the chord was already due, its sounding shows nothing.
    check("a bundle's chord waits for its time", voices == (0, 3) or early[1] >= 1, voices)
    client.done("/mod/osc1/detune", 1)
    sent = time.time()
    bundle = OscBundleBuilder(sent + 1)
    bundle.add_content(message("/mod/osc1/detune", 3))
    client.transport.send(bundle.build().dgram)
    early = client.done("/mod/osc1/detune")[0], time.time() - sent
    for _ in range(100):
        if client.done("/mod/osc1/detune")[0] == 3:
            break
        time.sleep(0.05)
    found = early[0], client.done("/mod/osc1/detune")[0]
    check("a bundle's value waits for its time, too", found == (1, 3) or early[1] >= 1, found)
    nested = OscBundleBuilder(IMMEDIATELY)
    nested.add_content(message("/panic"))
    outer = OscBundleBuilder(IMMEDIATELY)
    outer.add_content(nested.build())
    client.transport.send(outer.build().dgram)
    for _ in range(100):
        if client.done("/meters")[2] == 0:
            break
        time.sleep(0.05)
    check("a bundle in a bundle is carried out", client.done("/meters")[2] == 0)
    client.done("/subscribe", "values", 5)
    client.done("/mod/osc1/detune", 2)
    seen = None
    for _ in range(2000):
        seen = client.transport.receive()
        if seen.address == "/value" and seen.params[1:3] == ["osc1.detune", 2.0]:
            break
    check("subscribers get changed values", seen.params[1:3] == ["osc1.detune", 2.0])
    client.done("/subscribe", "values", 0)
    subscriber, other = Client(UDP()), Client(UDP())
    subscriber.done("/subscribe", "meters", 2)
    other.done("/status")
    came = 0
    began = time.time()
    subscriber.transport.socket.settimeout(0.2)
    while time.time() < began + 4:
        try:
            came += subscriber.transport.receive().address == "/meters"
            last = time.time()
        except TimeoutError:
            pass
    check("a subscription goes to the subscriber only, and expires", came > 3 and last < began + 3,
          f"{came} messages, the last after {last - began:.1f} s")
    busy = subprocess.run(
        [kairos, "play", "--no-session", "--audio", "null", "--midi", "none", "--osc", str(PORT), "--seconds", "0.3"],
        capture_output=True, text=True)
    check("a port in use is reported", "another program uses the port" in busy.stdout + busy.stderr)
    listening = subprocess.run(["ss", "-Hlntu", f"sport = :{PORT}"], capture_output=True, text=True).stdout
    check("it listens on the loopback interface only", listening and not any(
        word in listening for word in ("0.0.0.0:9", "*:9", "[::]:9")), "")


# Commands that are needed before an example of the reference succeeds.
BEFORE = {
    "/patch/create": [("/patch/delete", "osc1")], "/patch/connect": [("/patch/disconnect", "osc1", "filt1")],
    "/patch/commit": [("/patch/create", "extra", "saw")], "/patch/abort": [("/patch/create", "more", "saw")],
    "/learn/stop": [("/learn/start", "macro 1")],
}
# Examples that are refused here, with the error code.
REFUSED = {"/patch/layer": "nothing-plays", "/learn/undo": "bad-arguments"}


def reference(instrument, kairos):
    """Runs each example of the reference, and each command with invalid values."""
    client = instrument.client
    page = subprocess.run([kairos, "osc", "--markdown"], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^\| `(/[^`]*)` \|.*\| `oscsend localhost 9000 ([^`]*)` \|$", page, re.M)
    codes = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.M))
    wrong = []
    for _, example in rows:
        address, *words = shlex.split(example)
        values = [{"i": int, "f": float, "s": str}[kind](word) for kind, word in zip(*(words[:1] or [""]), words[1:])]
        for command in BEFORE.get(address, []):
            client.done(*command)
        # Replaces the shell's command substitution by the session.
        values = [client.done("/session/get")[0] if str(value).startswith("$(cat ") else value for value in values]
        kind, found = client.ask(address, *values)
        if not (kind == "/ok" and found[0] == address or kind == "/error" and found[0] == REFUSED.get(address)):
            wrong.append((example, kind, found))
        kind, found = client.ask(address, *range(9))
        if kind != "/error" or found[0] not in codes or found[3] != address:
            wrong.append((address, kind, found))
        if address.startswith("/patch/") and address not in ("/patch/commit", "/patch/undo"):
            client.ask("/patch/abort")
    check("every example of the reference works, and every command refuses invalid values", len(rows) > 35 and not wrong,
          f"{len(rows)} commands {wrong or ''}")
    client.done("/panic")
    # Returns to the first entry, even if a change is still pending. Played commands are carried out in order: when the
    # note after them sounds, all of them are done.
    for _ in client.done("/entries")[::2]:
        client.done("/previous")
    client.done("/note/on", 1, 60, 100)
    until(lambda: client.done("/status")[3] == 1)
    client.done("/panic")
    until(lambda: client.done("/status")[0] == client.done("/status")[3] == 0)
    for path in instrument.config.rglob("*.yaml*"):
        path.unlink()


def times(instrument):
    client = Client(TCP(False))
    for modules, connections in ((16, 32), (64, 128), (512, 4096)):
        grow(client, modules, connections)
        first = client.done("/patch/commit")[0]
        spent = []
        for number in range(41):
            client.done("/mod/m0/frequency", 100 + number)
            if number % 2:
                client.done("/patch/disconnect", "m0", "out")
            else:
                client.done("/patch/connect", "m0", "out")
            spent.append(client.done("/patch/commit")[0])
            # An answer is sent when a block begins: without a random delay, all commits would come at one point of a block.
            time.sleep(0.03 + random.uniform(0, 128 / 48_000))
        median = statistics.median(spent)
        # The figures are printed; the check only requires that each commit sounds, however busy the machine is.
        check(f"{modules} modules and {connections} connections", median < 1000,
              f"the first commit sounds after {first:.1f} ms, one connection more or less after {median:.1f} ms ({min(spent):.1f} … {max(spent):.1f})")
    while client.refused("/patch/undo") is None:
        pass


def hostile(instrument):
    client, transport = instrument.client, UDP()
    draw = random.Random(1)
    before = instrument.memory()
    good = message("/patch/create", "name", "sine").dgram
    for number in range(20_000):
        data = bytearray(good if number % 2 else b"#bundle\0" + bytes(8) + len(good).to_bytes(4, "big") + good)
        for _ in range(draw.randrange(1, 12)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        transport.send(bytes(data[:draw.randrange(1, len(data) + 1)]))
        if number % 200 == 0:
            client.answers()
    transport.send(draw.randbytes(65_000))
    deep = message("/panic").dgram
    for _ in range(200):
        deep = b"#bundle\0" + bytes(7) + b"\1" + len(deep).to_bytes(4, "big") + deep
    transport.send(deep)
    bundle = OscBundleBuilder(IMMEDIATELY)
    for number in range(1500):
        bundle.add_content(message("/patch/create", f"x{number}", "sine"))
    transport.send(bundle.build().dgram)
    check("random bytes, broken bundles and huge bundles", client.answers())
    flood = Client(UDP())
    for number in range(10_000):
        flood.send("/subscribe", ("values", "meters", "state", "errors")[number % 4], 1)
        if number % 100 == 0:
            client.answers()
    check("ten thousand subscriptions", client.answers())
    stream = Client(TCP(False))
    check("a name of half a megabyte", stream.refused("/patch/create", "n" * 500_000, "sine") == "bad-name")
    check("a value of half a megabyte", stream.refused("/mod/" + "m" * 900, "x" * 500_000) == "unknown-name")
    for name in ("../evil", "/etc/evil", "a/../../evil", "", ".", "..", "~", "con fig"):
        check(f"saving as {name!r}", stream.refused("/patch/save", name) in ("bad-name", "not-osc"))
    for size in (0x7fffffff, 0xffffffff, 2 << 20):
        raw = socket.create_connection(("127.0.0.1", PORT), timeout=5)
        try:
            raw.sendall(size.to_bytes(4, "big") + b"x" * 1000)
            rest = raw.recv(100)
        except ConnectionError:
            # The connection was closed with unread bytes.
            rest = b""
        check(f"a packet of {size} bytes closes the connection", rest == b"")
    open_connections = []
    for _ in range(200):
        try:
            open_connections.append(socket.create_connection(("127.0.0.1", PORT), timeout=5))
        except ConnectionError:
            continue
    check("two hundred connections", client.answers())
    for connection in open_connections:
        connection.close()
    silent = TCP(False)
    try:
        for _ in range(3000):
            silent.send(message("/patch/show").dgram)
    except (ConnectionError, TimeoutError):
        pass  # The server closed the connection.
    check("a client that never reads", client.answers())
    silent.socket.close()
    client.ask("/patch/abort")
    time.sleep(1.5)
    after = instrument.memory()
    check("memory stays bounded", after < before + 30_000, f"{before} kB, {after} kB")
    client.done("/note/on", 1, 60, 100)
    for _ in range(100):
        figures = client.done("/meters")
        if figures[2] == 1:
            break
        time.sleep(0.05)
    # Late blocks depend on this machine: the audio driver here is a timer without priority.
    check("it still plays", figures[2] == 1, f"load {figures[0]:.3f}, {figures[1]} blocks late")
    stray = [path for path in instrument.config.rglob("*") if path.is_file()]
    check("no file was written", not stray, stray)


def main(kairos, folder):
    sounds(kairos, pathlib.Path(folder).resolve())
    instrument = Instrument(kairos, folder)
    try:
        libraries(instrument, kairos)
        reference(instrument, kairos)
        times(instrument)
        hostile(instrument)
    finally:
        status = instrument.stop()
    check("it exits normally", status == 0, status)
    verdicts.exit()


if __name__ == "__main__":
    main(*sys.argv[1:])
