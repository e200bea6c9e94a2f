"""Tests a running instrument with unbounded requests, loops and missing descriptors:  limits.py KAIROS FOLDER"""

import os
import pathlib
import re
import resource
import shlex
import socket
import subprocess
import sys
import time

from client import PORT, TCP, UDP, Client, Instrument, check, message, verdicts


def processor_time(process):
    """The processor time of a process in seconds."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def terminate(instrument, limit):
    """Sends SIGTERM; returns the exit status, None if killed after `limit` seconds, and the seconds that it took."""
    began = time.monotonic()
    instrument.process.terminate()
    try:
        return instrument.process.wait(timeout=limit), time.monotonic() - began
    except subprocess.TimeoutExpired:
        instrument.process.kill()
        instrument.process.wait()
        return None, time.monotonic() - began


def patterns(kairos, folder):
    """Patterns that take backtracking forever are answered, and SIGTERM ends the program."""
    with Instrument(kairos, folder) as instrument:
        client = instrument.client
        client.done("/patch/create", "a" * 64, "sine")
        wrong = []
        for stars in (4, 8, 16, 64, 400):
            for address in ("/mod/" + "*a" * stars + "b/level", "/mod/" + "*?" * stars + "b", "/" + "*a" * stars + "b",
                            "/patch/" + "*" * stars + "x", "/mod/" + "{a,aa}" * (stars // 4) + "b/level"):
                try:
                    found = client.refused(address, 1)
                except TimeoutError:
                    found = "no answer"
                if found not in ("unknown-name", "unknown-command", "limit"):
                    wrong.append((address[:40], found))
        check("patterns of many stars match a name of 64 letters", not wrong and client.answers(), wrong or "")
        # The queue is full of them at SIGTERM.
        for number in range(500):
            client.send("/mod/" + "*a" * 200 + "b/level", 1)
        status, seconds = terminate(instrument, 30)
        check("it exits normally with five hundred of them in the queue", status == 0 and seconds < 5, f"{status}, {seconds:.2f} s")


def descriptors(kairos, folder):
    """Without descriptors for new connections it waits, and continues when there are some."""
    with Instrument(kairos, folder) as instrument:
        pid, connections = instrument.process.pid, []
        had = len(os.listdir(f"/proc/{pid}/fd"))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (had + 2, before[1]))
        # Two connections are accepted, the others wait.
        for _ in range(8):
            connections.append(socket.create_connection(("127.0.0.1", PORT), timeout=5))
        time.sleep(0.5)
        first = processor_time(instrument.process)
        time.sleep(2)
        used = processor_time(instrument.process) - first
        check("without descriptors it does not busy-wait", used < 1.0, f"{used:.2f} s of 2 s")
        check("UDP is answered meanwhile", instrument.client.answers())
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for connection in connections:
            connection.close()
        time.sleep(1.5)
        check("TCP is answered when descriptors are available again", Client(TCP(False)).done("/status") is not None)
        instrument.stop()


def loops(kairos, folder):
    """Two instances, and a relay that sends each the answers of the other."""
    other = pathlib.Path(folder) / "second"
    other.mkdir(exist_ok=True)
    with Instrument(kairos, folder), Instrument(kairos, other, port=PORT + 1):
        transports = [UDP(PORT), UDP(PORT + 1)]
        for transport in transports:
            transport.socket.settimeout(0.5)
        bounced = []
        for words in (("/status",), ("/entries",), ("/nix",), ("/mod/[",), ("/modules/saw",)):
            transports[0].send(message(*words).dgram)
            data, turn = transports[0].socket.recv(65536), 1
            try:
                for _ in range(10):
                    transports[turn % 2].send(data)
                    data = transports[turn % 2].socket.recv(65536)
                    turn += 1
            except TimeoutError:
                pass
            if turn > 1:
                bounced.append((words, turn))
        check("an answer is not answered by the other instance", not bounced, bounced or "")
        # Messages to subscribers, too.
        for topic in ("values", "meters", "state"):
            transports[0].send(message("/subscribe", topic, 3).dgram)
        transports[0].socket.settimeout(1)
        kinds, answered = set(), 0
        until = time.monotonic() + 10
        while time.monotonic() < until and len(kinds) < 4:
            data = transports[0].socket.recv(65536)
            kinds.add(data.split(b"\0", 1)[0])
            transports[1].send(data)
        try:
            while True:
                transports[1].socket.recv(65536)
                answered += 1
        except TimeoutError:
            pass
        check("messages to subscribers are not answered either", answered == 0 and len(kinds) == 4, f"{sorted(kinds)}, {answered} answers")


def edits(kairos, folder):
    """SIGTERM during commits of a thousand modules."""
    with Instrument(kairos, folder) as instrument:
        stream = Client(TCP(False))
        for number in range(1000):
            stream.send("/patch/create", f"m{number}", "sine")
        for number in range(200):
            stream.send("/patch/commit")
            stream.send("/patch/undo")
            stream.send("/mod/*/*")
        status, seconds = terminate(instrument, 30)
        check("it exits normally during commits of a thousand modules", status == 0 and seconds < 5, f"{status}, {seconds:.2f} s")


def example(kairos, folder):
    """Runs the first example of docs/reference/osc.md line by line: a note sounds, and it ends in silence."""
    page = (pathlib.Path(__file__).parent / "../../docs/reference/osc.md").read_text()
    lines = re.search(r"^```sh\n(.*?)^```$", page, re.M | re.S).group(1).splitlines()
    with Instrument(kairos, folder) as instrument:
        client = instrument.client
        before = client.done("/patch/show")

        def voices(expected):
            for _ in range(200):
                if client.done("/meters")[2] == expected:
                    return True
                time.sleep(0.02)
            return False

        wrong = []
        for line in lines:
            words = shlex.split(line, comments=True)
            if words[:3] != ["oscsend", "localhost", "9000"]:
                wrong.append(line)
                continue
            subprocess.run([*words[:2], str(PORT), *words[3:]], check=True)
            # Commands are answered in order, so the command before has been carried out.
            client.done("/status")
            if words[3] == "/note/on" and not voices(1) or words[3] == "/note/off" and not voices(0):
                wrong.append(line)
        check("the first example of the documentation plays a note and ends it", not wrong and len(lines) > 15, wrong or "")
        check("and restores the patch, in silence", voices(0) and client.done("/patch/show") == before)
        instrument.stop()


def main(kairos, folder):
    for part in (patterns, descriptors, loops, edits, example):
        part(kairos, folder)
    verdicts.exit()


if __name__ == "__main__":
    main(*sys.argv[1:])
