"""Writes Standard MIDI Files."""

import struct

END = b"\xff\x2f\x00"  # the meta event that ends a track, without its time


def variable(value):
    """A variable-length quantity: 7 bits a byte, the most significant first."""
    data = [value & 0x7F]
    while value := value >> 7:
        data.insert(0, value & 0x7F | 0x80)
    return bytes(data)


def track(events, end=None):
    """The body of a track: `events` as (tick, message), in the order of playing, and the end at the tick `end`.

    Without `end` the track ends with its last event. Messages have their status byte; events of one tick keep their
    order.
    """
    body, last = b"", 0
    for tick, message in events:
        body += variable(tick - last) + message
        last = tick
    return body + variable(0 if end is None else end - last) + END


def chunks(tracks, division, form=None):
    """A file of track bodies. `division`: ticks a quarter note. `form`: 0, 1 or 2; by default 0 for one track, else 1."""
    form = (0 if len(tracks) == 1 else 1) if form is None else form
    header = struct.pack(">4sIHHH", b"MThd", 6, form, len(tracks), division)
    return header + b"".join(struct.pack(">4sI", b"MTrk", len(body)) + body for body in tracks)


def song(events, end=None, ticks=960):
    """A file of `events` as (seconds, message), at the default tempo, with `ticks` a second (even); `end` in seconds."""
    placed = [(round(time * ticks), message) for time, message in events]
    return chunks([track(placed, None if end is None else round(end * ticks))], ticks // 2)
