"""What is asked of a rendering. Each check returns what is wrong as text, or nothing."""

import json
import os
import subprocess

import numpy
from midifile import RATE

KAIROS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.build/release/kairos")
HALF = RATE // 200


def render(midi, wav, mode, tail="auto"):
    """The samples as frames by 2, and the summary. The file goes: there are many."""
    command = [KAIROS, "render", midi, "-o", wav, "--mode", mode, "--tail", tail, "--json"]
    summary = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    with open(wav, "rb") as file:
        data = file.read()
    os.unlink(wav)
    return numpy.frombuffer(data, "<f4", offset=data.index(b"data") + 8).reshape(-1, 2), summary


def dB(amplitude):
    return 20 * numpy.log10(max(amplitude, 1e-12))


def stuck(sound, end):
    """After the song's end it falls silent within 30 s."""
    last = abs(sound[-RATE // 10:]).max()
    if last >= 1e-5:
        return f"it does not fall silent: {dB(last):.0f} dBFS at the end"
    if len(sound) - end > 30 * RATE:
        return f"it rings on for {(len(sound) - end) / RATE:.1f} s"
    return ""


def held(summary):
    """No note is held when the file ends: each had its note-off."""
    return f"{summary['heldNotes']} notes are held at the end" if summary["heldNotes"] else ""


def gap(sound, score):
    """No 5 ms under -80 dBFS while a sustaining note is held."""
    for start, stop in score.sounding():
        loud = numpy.flatnonzero((abs(sound[start:stop]) >= 1e-4).any(axis=1))
        loud = numpy.concatenate([[-1], loud, [stop - start]])
        longest = numpy.diff(loud).argmax()
        length = loud[longest + 1] - loud[longest] - 1
        if length >= HALF:
            return f"{length / RATE * 1000:.1f} ms of silence at {(start + loud[longest] + 1) / RATE:.4f} s"
    return ""


def click(sound, score, change):
    """No second difference within 5 ms of a change is 6 dB above those of the 100 ms before it."""
    at = change.frame
    before = max([edge for edge in score.edges if edge <= at])
    after = min([edge for edge in score.edges if edge > at])
    start = max(before, at - HALF - RATE // 10)
    if after - at < HALF or at - HALF - start < RATE // 50:
        return f"there is no room to search for a click at {at / RATE:.4f} s"
    bends = abs(numpy.diff(sound[start:at + HALF].astype(numpy.float64), 2, axis=0)).max(axis=1)
    usual, here = bends[:at - HALF - start].max(), bends[at - HALF - start:].max()
    if here > max(2 * usual, 1e-5):
        return f"a click at {at / RATE:.4f} s, {dB(here) - dB(usual):.1f} dB above what was before"
    return ""


def differ(sound, without, change):
    """The law of the swap: nothing tells of the change before something new is played."""
    end = change.until
    # The end of a file can be a frame before its last event's.
    if len(without) < end - 1:
        return f"{len(without)} frames, and {end} were due"
    end = min(end, len(without))
    difference = dB(abs(sound[:end] - without[:end]).max())
    if difference >= -130:
        return f"{difference:.0f} dBFS tell of the change at {change.frame / RATE:.4f} s"
    return ""
