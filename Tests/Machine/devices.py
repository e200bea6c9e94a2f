#!/usr/bin/python3
"""Judges what `devices.job` left:  devices.py RESULTS"""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

from verdicts import Verdicts  # noqa: E402  the path must be known first

folder = pathlib.Path(sys.argv[1])
verdicts = Verdicts()
check = verdicts.check


def text(name):
    return (folder / name).read_text(errors="replace")


def controllers(data):
    """The last value of each controller, by running status or without it."""
    values, status, rest = {}, 0, []
    for byte in data:
        if byte >= 0x80:
            status, rest = byte, []
        elif status == 0xB0:
            rest.append(byte)
            if len(rest) == 2:
                values[rest[0]] = rest[1]
                rest = []
    return values


back, again = (folder / "back").read_bytes(), (folder / "again").read_bytes()
check("a patch change sends three positions back", set(controllers(back)) >= {20, 21, 22}, controllers(back))
check("who asks is told who is here", bytes([0xF0, 0x7E, 0x7F, 6, 2, 0x7D]) in back)
check("also one that listens with another client", "F0 7E 7F 06 02 7D" in text("answer"), text("answer")[-200:])
check("no more is sent than changes", len(back) < 200, f"{len(back)} bytes")
log = text("play.log")
check("its mapping is chosen by its name", "connected: Virtual Raw MIDI 3-0, with the mapping raw" in log)
check("a keyboard that is not wanted is left alone", "connected: Virtual Raw MIDI 3-1" not in log)
seconds = float(text("found")) - float(text("plugged"))
check("it is found again within a second", seconds < 1, f"{seconds:.2f} s")
check("its lights are lit again", set(controllers(again)) >= {20, 21, 22}, controllers(again))
figures = json.loads(log[log.index("\n{") + 1:])
hello = bytes([0x9F, 0x0C, 0x7F, 0xF0, 0, 0x20, 0x29, 2, 0xF7])
check("it is greeted before anything else", again.startswith(hello), again[:12].hex(" "))
bye = (folder / "bye").read_bytes()
check("it is left as it was", bye.endswith(bytes([0x9F, 0x0C, 0])), bye[-6:].hex(" "))
check("the keys it held were let go", figures["voices"] == 0 and figures["mostVoices"] > 0, f"{figures['voices']} voices")
check("what was lost is counted and said", figures["losses"] >= 1 and "MIDI input overflow" in log, f"{figures['losses']} losses")
monitor = text("monitor.log")
waits = re.search(r"cc 20 = 0, ch 1 +-> raw, cc 20 at 0.0 %: (.*): pickup: control at 0, parameter at (\d+); turn up", monitor)
check("the monitor says which way to turn", waits is not None, waits[0] if waits else monitor[-400:])
check("and why nothing happened", "cc 70 = 16, ch 1" in monitor and "not mapped" in monitor)
check("on which channel it would be heard", "mapped on channel 5" in monitor)
check("a parameter at the end of its range", "is already at the end of its range" in monitor)
check("what is outside every part", "outside all layers of Winter Bells: no sound" in monitor)
check("what its mapping makes nothing of", "ignored by the mapping" in monitor)
check("and what plays", "plays Winter Bells" in monitor)
check("and how late it is", re.search(r"\d+ events, 0 late; latency [\d.]+ ms, additional delay: p50 0.00", monitor) is not None)
connect = text("connect.log")
check("a port is connected by its name, and others are left alone", "connected: Midi Through" in connect and "Virtual Raw MIDI" not in connect)
learned = text("learned.yaml")
check("14 bits are learned", "{ cc: [16, 48], to: macro 1 }" in learned)
check("an encoder is learned", "{ cc: 71, takeover: relative, encoding: twos, to: macro 2 }" in learned)
check("for the device it came from", "device: Virtual Raw MIDI 3-0" in learned, "" if not verdicts.failed else learned + text("learn.log"))
verdicts.exit()
