"""Harmonics and aliases of a held tone: 65 536 frames under a Kaiser window, beta 20."""

import warnings

import numpy as np
from scipy.io import wavfile
from scipy.signal.windows import kaiser

FRAMES = 65_536
BETA = 20
REACH = 8  # bins to each side of a harmonic that are its own; the window's main lobe ends at 6.5


def read(path):
    """The first channel and the rate; integers become -1 … 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks it does not know
        rate, samples = wavfile.read(path)
    if samples.ndim > 1:
        samples = samples[:, 0]
    if samples.dtype.kind == "i":
        samples = samples / -float(np.iinfo(samples.dtype).min)
    return np.asarray(samples, float), rate


class Tone:
    """The last 65 536 frames of a file, as powers of bins."""

    def __init__(self, samples, rate, f0):
        if len(samples) < FRAMES:
            raise ValueError(f"{FRAMES} frames are needed, and there are {len(samples)}")
        self.rate = rate
        self.power = np.abs(np.fft.rfft(samples[-FRAMES:] * kaiser(FRAMES, BETA, sym=False))) ** 2
        if not self.power.max() > 0:
            raise ValueError("it is silent")
        self.f0 = self._refined(f0)

    def _refined(self, f0):
        """The frequency of the peak near f0: an engine may round its increment."""
        near = round(f0 * FRAMES / self.rate)
        peak = near - 4 + int(np.argmax(self.power[near - 4 : near + 5]))
        low, mid, high = np.log(self.power[peak - 1 : peak + 2])
        return (peak + (low - high) / (2 * (low - 2 * mid + high))) * self.rate / FRAMES

    def bins(self, frequency):
        centre = round(frequency * FRAMES / self.rate)
        return slice(max(0, centre - REACH), centre + REACH + 1)

    def levels(self, frequencies):
        """In dB."""
        return 10 * np.log10([self.power[self.bins(f)].sum() + 1e-30 for f in frequencies])

    def harmonics(self, below):
        """Frequencies and levels in dB."""
        frequencies = self.f0 * np.arange(1, int(below / self.f0) + 1)
        return frequencies, self.levels(frequencies)

    def alias(self, below=20_000):
        """Power below `below` that is no harmonic, against the harmonics, in dB. What is under 20 Hz does not count."""
        counts = np.zeros(len(self.power), bool)
        counts[int(np.ceil(20 * FRAMES / self.rate)) : int(below * FRAMES / self.rate)] = True
        harmonic = np.zeros_like(counts)
        for n in range(1, int(self.rate / 2 / self.f0) + 1):
            harmonic[self.bins(n * self.f0)] = True
        if not (counts & ~harmonic).any():
            raise ValueError("the harmonics leave no room between them")
        return 10 * np.log10(self.power[counts & ~harmonic].sum() / self.power[counts & harmonic].sum())

    def hides_aliases(self):
        """Whether the period is so near a whole number of frames that aliases fall on harmonics."""
        period = self.rate / self.f0
        beside = abs(period - round(period)) * self.f0  # an alias from its next harmonic, in Hz
        return beside * FRAMES / self.rate < 2 * REACH


def lowpass(frequencies, cutoff, q, rate):
    """Levels in dB of the bilinear two-pole low-pass, cutoff prewarped."""
    x = np.tan(np.pi * np.asarray(frequencies) / rate) / np.tan(np.pi * cutoff / rate)
    return -10 * np.log10((1 - x**2) ** 2 + (x / q) ** 2)


def deviation(tone, cutoff, q, below, waves=({},)):
    """How far each partial is from that of ideal waves through the ideal filter, in dB.

    A wave is a sawtooth, `shift` semitones above the tone, `level` dB louder, of every second harmonic only where
    `every` is 2 (a square). The level of the whole is free: it is fitted over the lower half of the range, counted in
    octaves.
    """
    frequencies, ideal = [], []
    for wave in waves:
        f0 = tone.f0 * 2 ** (wave.get("shift", 0) / 12)
        numbers = np.arange(1, int(below / f0) + 1, wave.get("every", 1))
        frequencies.append(f0 * numbers)
        ideal.append(wave.get("level", 0) - 20 * np.log10(numbers))
    frequencies, ideal = np.concatenate(frequencies), np.concatenate(ideal)
    apart = tone.levels(frequencies) - ideal - lowpass(frequencies, cutoff, q, tone.rate)
    low = frequencies <= np.sqrt(tone.f0 * below)
    return frequencies, apart - np.median(apart[low])


def apart(levels, above):
    """How far each of several sounds is from the middle one, at every partial within `above` dB of the strongest.

    `levels` is a row of dB for each sound; the level of the whole is free. Gives the partials that count, and a row of
    dB for each sound.
    """
    levels = np.asarray(levels)
    levels = levels - levels.max(axis=1, keepdims=True)
    middle = np.median(levels, axis=0)
    counts = np.flatnonzero(middle >= above)
    away = levels[:, counts] - middle[counts]
    away -= np.median(away, axis=1, keepdims=True)
    return counts, away - np.median(away, axis=0)
