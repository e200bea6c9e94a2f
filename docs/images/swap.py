#!/usr/bin/python3
"""Draws docs/images/swap.png from a real render: a held chord over a program change.

Run at the top of the checkout, after `make build`.
"""

import pathlib
import struct
import subprocess
import tempfile
import warnings

import matplotlib
import numpy
from scipy.io import wavfile
from scipy.signal import spectrogram

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend must be chosen first

CHANGE = 2.0
# Seconds and messages: a chord of program 1, program 5 while it is held, new notes, then all keys up.
SONG = (
    [(0.0, [0xC0, 1])]
    + [(0.5, [0x90, key, 90]) for key in (48, 60, 64)]
    + [(CHANGE, [0xC0, 5])]
    + [(CHANGE + 0.3 + step * 0.3, [0x90, 72 + step * 3, 100]) for step in range(4)]
    + [(3.9, [0x80, key, 64]) for key in (48, 60, 64)]
    + [(4.2, [0x80, 72 + step * 3, 64]) for step in range(4)]
)


def midi():
    body, last = b"", 0
    for time, message in SONG:
        tick = round(time * 960)
        delta, tick_bytes = tick - last, b""
        while True:
            tick_bytes = bytes([delta & 0x7F | (0x80 if tick_bytes else 0)]) + tick_bytes
            delta >>= 7
            if not delta:
                break
        body += tick_bytes + bytes(message)
        last = tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body


def main():
    with tempfile.TemporaryDirectory() as folder:
        song, sound = pathlib.Path(folder, "swap.mid"), pathlib.Path(folder, "swap.wav")
        song.write_bytes(midi())
        subprocess.run([".build/release/kairos", "render", song, "-o", sound, "--tail", "2"], check=True)
        warnings.simplefilter("ignore", wavfile.WavFileWarning)
        rate, samples = wavfile.read(sound)
    frequencies, times, power = spectrogram(samples.mean(axis=1), rate, "hann", 4096, 3584)
    figure, axes = pyplot.subplots(figsize=(10, 4), dpi=100, layout="constrained")
    axes.pcolormesh(times, frequencies, 10 * numpy.log10(power + 1e-14), vmin=-105, vmax=-35, cmap="magma")
    axes.set(xlim=(0.3, 6), ylim=(80, 6000), xlabel="seconds", ylabel="hertz", yscale="log")
    axes.axvline(CHANGE, color="white", linestyle="--", linewidth=1)
    axes.text(CHANGE + 0.05, 4800, "program change: what is held plays on", color="white", fontsize=9)
    axes.text(3.95, 4000, "keys up", color="white", fontsize=9)
    figure.savefig("docs/images/swap.png")


if __name__ == "__main__":
    main()
