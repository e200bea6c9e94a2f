#!/usr/bin/python3
"""A MIDI file for the instrument between a sequencer and its outputs:  song.py [--held] FILE

With --held, one note of `tone` for a minute. Else:

Seconds after the first note: 0, 1.5, 3 single notes of `tone`; 4.5 a low note of
`sweep` whose CC 74 falls from 127 to 0 within its second second; 7.5 a chord of
`tone`; 8.5 program 2 while it is held; 9 a note of `sweep`; 11.5 all are let go.
"""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import smf  # noqa: E402  the path must be known first

NOTES = [(0.0, 57), (1.5, 69), (3.0, 81)]


def held():
    return [(-0.2, bytes([0xC0, 1])), (0, bytes([0x90, 69, 100])), (60, bytes([0x80, 69, 64]))]


def events():
    def note(start, end, key):
        return [(start, bytes([0x90, key, 100])), (end, bytes([0x80, key, 64]))]

    def program(time, number):
        return [(time, bytes([0xC0, number]))]

    song = program(-0.2, 1)
    for start, key in NOTES:
        song += note(start, start + 1.2, key)
    song += program(4.4, 2) + [(4.45, bytes([0xB0, 74, 127]))] + note(4.5, 6.5, 33)
    song += [(5.0 + step / 128, bytes([0xB0, 74, 127 - step])) for step in range(128)]
    song += program(7.0, 1)
    for key in (60, 64, 67):
        song += note(7.5, 11.5, key)
    song += program(8.5, 2) + [(8.55, bytes([0xB0, 74, 127]))] + note(9.0, 11.5, 84)
    return sorted(song, key=lambda event: event[0])


def main():
    lead = 0.5
    placed = [(time + lead, message) for time, message in (held() if "--held" in sys.argv else events())]
    pathlib.Path(sys.argv[-1]).write_bytes(smf.song(placed, end=placed[-1][0] + lead))


if __name__ == "__main__":
    main()
