#!/usr/bin/python3
"""Draws a WAV file:  spectrogram.py IN.wav OUT.png"""

import sys
import warnings

import matplotlib
import numpy
from scipy.io import wavfile
from scipy.signal import spectrogram

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend must be chosen first


def main():
    source, target = sys.argv[1:]
    # A chunk that lists the peaks is not known to SciPy, and not needed.
    warnings.simplefilter("ignore", wavfile.WavFileWarning)
    rate, samples = wavfile.read(source)
    frequencies, times, power = spectrogram(samples.mean(axis=1), rate, "hann", 4096, 3072)
    figure, axes = pyplot.subplots(figsize=(12, 5), dpi=100, layout="constrained")
    axes.pcolormesh(times, frequencies, 10 * numpy.log10(power + 1e-14), vmin=-110, vmax=-30, cmap="magma")
    axes.set(yscale="symlog", ylim=(40, rate / 2), xlabel="seconds", ylabel="hertz", title=source)
    axes.set_yscale("symlog", linthresh=200)
    figure.savefig(target)


if __name__ == "__main__":
    main()
