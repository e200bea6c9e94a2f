"""A running instrument against work without bound, loops and missing descriptors:  limits.py KAIROS FOLDER"""

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


def spent(process):
    """Seconds of processor time that a process has used."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ends(instrument, limit):
    """The exit status after SIGTERM and the seconds that it took; None where it was killed after `limit` seconds."""
    began = time.monotonic()
    instrument.process.terminate()
    try:
        return instrument.process.wait(timeout=limit), time.monotonic() - began
    except subprocess.TimeoutExpired:
        instrument.process.kill()
        instrument.process.wait()
        return None, time.monotonic() - began


def patterns(kairos, folder):
    """Patterns that backtracking takes for ever: they are answered, and the end comes when it is asked for."""
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
        check("many stars against a name of 64 letters", not wrong and client.lives(), wrong or "")
        # A queue of them stands before the end.
        for number in range(500):
            client.tell("/mod/" + "*a" * 200 + "b/level", 1)
        status, seconds = ends(instrument, 30)
        check("it ends in order with five hundred of them waiting", status == 0 and seconds < 5, f"{status}, {seconds:.2f} s")


def descriptors(kairos, folder):
    """Without descriptors for new connections it waits, and it goes on when there are some."""
    with Instrument(kairos, folder) as instrument:
        pid, crowd = instrument.process.pid, []
        had = len(os.listdir(f"/proc/{pid}/fd"))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (had + 2, before[1]))
        # Two are accepted, and the others wait.
        for _ in range(8):
            crowd.append(socket.create_connection(("127.0.0.1", PORT), timeout=5))
        time.sleep(0.5)
        first = spent(instrument.process)
        time.sleep(2)
        used = spent(instrument.process) - first
        check("no descriptors are left, and no processor is burnt", used < 1.0, f"{used:.2f} s of 2 s")
        check("UDP is answered meanwhile", instrument.client.lives())
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for connection in crowd:
            connection.close()
        time.sleep(1.5)
        check("TCP is answered when there are some again", Client(TCP(False)).done("/status") is not None)
        instrument.stop()


def loops(kairos, folder):
    """Two instances and a relay that gives each the answers of the other as if it had asked."""
    other = pathlib.Path(folder) / "second"
    other.mkdir(exist_ok=True)
    with Instrument(kairos, folder), Instrument(kairos, other, port=PORT + 1):
        ways = [UDP(PORT), UDP(PORT + 1)]
        for way in ways:
            way.socket.settimeout(0.5)
        bounced = []
        for words in (("/status",), ("/entries",), ("/nix",), ("/mod/[",), ("/modules/saw",)):
            ways[0].send(message(*words).dgram)
            data, turn = ways[0].socket.recv(65536), 1
            try:
                for _ in range(10):
                    ways[turn % 2].send(data)
                    data = ways[turn % 2].socket.recv(65536)
                    turn += 1
            except TimeoutError:
                pass
            if turn > 1:
                bounced.append((words, turn))
        check("an answer is not answered by the other instance", not bounced, bounced or "")
        # What subscribers are sent, too.
        for topic in ("values", "meters", "state"):
            ways[0].send(message("/subscribe", topic, 3).dgram)
        ways[0].socket.settimeout(1)
        kinds, answered = set(), 0
        until = time.monotonic() + 10
        while time.monotonic() < until and len(kinds) < 4:
            data = ways[0].socket.recv(65536)
            kinds.add(data.split(b"\0", 1)[0])
            ways[1].send(data)
        try:
            while True:
                ways[1].socket.recv(65536)
                answered += 1
        except TimeoutError:
            pass
        check("nor is what subscribers are sent", answered == 0 and len(kinds) == 4, f"{sorted(kinds)}, {answered} answers")


def edits(kairos, folder):
    """SIGTERM in the midst of commits of a thousand modules."""
    with Instrument(kairos, folder) as instrument:
        stream = Client(TCP(False))
        for number in range(1000):
            stream.tell("/patch/create", f"m{number}", "sine")
        for number in range(200):
            stream.tell("/patch/commit")
            stream.tell("/patch/undo")
            stream.tell("/mod/*/*")
        status, seconds = ends(instrument, 30)
        check("it ends in order in the midst of a thousand modules", status == 0 and seconds < 5, f"{status}, {seconds:.2f} s")


def example(kairos, folder):
    """The first example of docs/osc.md, line by line as a shell has it: a note is heard, and it ends in silence."""
    page = (pathlib.Path(__file__).parent / "../../docs/osc.md").read_text()
    lines = re.search(r"^```sh\n(.*?)^```$", page, re.M | re.S).group(1).splitlines()
    printed = subprocess.run([kairos, "osc", "--markdown"], capture_output=True, text=True, check=True).stdout
    check("docs/osc.md is what kairos osc --markdown prints", printed == page)
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
            # Answered in order after it.
            client.done("/status")
            if words[3] == "/note/on" and not voices(1) or words[3] == "/note/off" and not voices(0):
                wrong.append(line)
        check("the first example of the documentation plays a note and ends it", not wrong and len(lines) > 15, wrong or "")
        check("and leaves the patch as it was, in silence", voices(0) and client.done("/patch/show") == before)
        instrument.stop()


def main(kairos, folder):
    for part in (patterns, descriptors, loops, edits, example):
        part(kairos, folder)
    verdicts.exit()


if __name__ == "__main__":
    main(*sys.argv[1:])
