"""Standard MIDI Files: cut off at a time, with a track of one's own added. What stays, stays byte for byte."""

import pathlib
import struct
import sys
from bisect import bisect_right
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import smf  # noqa: E402  the path must be known first

RATE = 48_000


class Event(NamedTuple):
    tick: int
    track: int
    order: int
    frame: int
    data: bytes

    @property
    def kind(self):
        return self.data[0] & 0xF0

    @property
    def channel(self):
        return self.data[0] & 0x0F


class File:
    """A file as tracks of bytes; `marks` are the places between its events: (tick, bytes before them)."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        assert data[:4] == b"MThd", path
        length, self.format, count, self.division = struct.unpack(">IHHH", data[4:14])
        assert self.format < 2 and not self.division & 0x8000, path
        self.tracks, self.marks, self.messages, self.tempos = [], [], [], []
        at = 8 + length
        while len(self.tracks) < count:
            kind, size = data[at:at + 4], struct.unpack(">I", data[at + 4:at + 8])[0]
            if kind == b"MTrk":
                self.read(data[at + 8:at + 8 + size])
            at += 8 + size
        # Where each tempo begins: microseconds times ticks a quarter, tick, microseconds a quarter.
        self.since = [(0, 0, 500_000)]
        for tick, value in sorted(self.tempos, key=lambda tempo: tempo[0]):
            scaled, last, tempo = self.since[-1]
            self.since.append((scaled + (tick - last) * tempo, tick, value))

    def read(self, data):
        track, tick, at, status, marks = len(self.tracks), 0, 0, 0, []

        def number():
            nonlocal at
            value = 0
            while True:
                at += 1
                value = value << 7 | data[at - 1] & 0x7F
                if data[at - 1] < 0x80:
                    return value

        while at < len(data):
            start = at
            tick += number()
            marks.append((tick, start))
            first = data[at]
            if first >= 0xF0:
                meta = data[at + 1] if first == 0xFF else None
                at += 1 if meta is None else 2
                size = number()
                if meta == 0x51:
                    self.tempos.append((tick, int.from_bytes(data[at:at + size], "big")))
                at += size
                status = 0
                if meta == 0x2F:
                    break
            else:
                if first >= 0x80:
                    status = first
                    at += 1
                size = 1 if status & 0xE0 == 0xC0 else 2
                self.messages.append((tick, track, bytes([status]) + data[at:at + size]))
                at += size
        self.tracks.append(data)
        self.marks.append(marks)

    def frame(self, tick):
        """The nearest frame, by whole numbers up to the nanosecond."""
        scaled, last, tempo = self.since[bisect_right(self.since, tick, key=lambda place: place[1]) - 1]
        scaled += (tick - last) * tempo
        nanoseconds = (2 * scaled * 1000 + self.division) // (2 * self.division)
        return int(nanoseconds * (RATE / 1e9) + 0.5)

    def tick(self, frame):
        """The last tick that is not after `frame`."""
        low, high = 0, 1
        while self.frame(high) <= frame:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.frame(middle) <= frame else (low, middle)
        return low

    def events(self, end, added=()):
        """What acts up to the tick `end`, in the order of acting; `added` (tick, data) is one more track."""
        messages = self.messages + [(tick, len(self.tracks), data) for tick, data in added]
        chosen = [(tick, track, order, data) for order, (tick, track, data) in enumerate(messages) if tick <= end]
        return [Event(tick, track, order, self.frame(tick), data) for tick, track, order, data in sorted(chosen)]

    def write(self, path, end, added):
        """The file up to the tick `end`, with one more track."""
        tracks = []
        for data, marks in zip(self.tracks, self.marks):
            last = next((i for i, (tick, _) in enumerate(marks) if tick > end), len(marks) - 1)
            body = data[:marks[last][1]]
            before = marks[last - 1][0] if last else 0
            tracks.append(body + smf.variable(end - before) + smf.END)
        tracks.append(smf.track(sorted(((t, d) for t, d in added if t <= end), key=lambda event: event[0]), end))
        with open(path, "wb") as file:
            file.write(smf.chunks(tracks, self.division, 1))
