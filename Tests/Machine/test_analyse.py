#!/usr/bin/python3
"""Judges analyse.py by signals whose answers are known."""

import os
import sys
import tempfile
import unittest
import wave

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import analyse

RATE = 48000
TIME = np.arange(RATE) / RATE


def saw(frequency):
    harmonics = np.arange(1, int(20000 / frequency) + 1)
    return 0.3 * sum(np.sin(2 * np.pi * frequency * n * TIME + 0.1 * n) / n for n in harmonics)


class Pitch(unittest.TestCase):
    frequencies = 27.5 * 2**(np.arange(0, 88, 7.31) / 12)

    def worst(self, wave, **options):
        return max(abs(analyse.cents(analyse.pitch(wave(f), RATE, **options), f)) for f in self.frequencies)

    def test_sine(self):
        self.assertLess(self.worst(lambda f: np.sin(2 * np.pi * f * TIME + 1)), 0.05)

    def test_saw(self):
        self.assertLess(self.worst(saw), 0.05)

    def test_saw_in_noise(self):
        noise = np.random.default_rng(1).normal(0, 0.003, RATE)
        self.assertLess(self.worst(lambda f: saw(f) + noise), 0.1)

    def test_near_another_partial(self):
        self.assertAlmostEqual(analyse.pitch(saw(110.3), RATE, near=222), 220.6, delta=0.001)

    def test_silence_has_none(self):
        self.assertIsNone(analyse.pitch(np.zeros(RATE), RATE))


class Spectrum(unittest.TestCase):
    def test_centroid_of_one_partial(self):
        self.assertAlmostEqual(analyse.centroid(np.sin(2 * np.pi * 1234 * TIME), RATE), 1234, delta=1)

    def test_centroid_of_two_partials(self):
        two = np.sin(2 * np.pi * 1000 * TIME) + np.sin(2 * np.pi * 3000 * TIME)
        self.assertAlmostEqual(analyse.centroid(two, RATE), 2000, delta=1)

    def test_level(self):
        self.assertAlmostEqual(analyse.level(np.sin(2 * np.pi * 100 * TIME)), -3.01, delta=0.01)


class Latency(unittest.TestCase):
    def recording(self, onsets):
        samples = np.zeros((RATE, 1), np.float32)
        samples[onsets] = 1
        frames = np.arange(0, RATE, 64)
        start = frames / RATE * 1e6
        cycles = np.stack([frames, start, start], axis=1)
        return analyse.Recording(samples, RATE, 0, cycles, {"skips": 0, "xruns": 0, "period": 64})

    def stamps(self, frames):
        return [{"kind": "note-on", "b": 100, "sent_us": frame / RATE * 1e6} for frame in frames]

    def test_constant(self):
        result = analyse.latency(self.recording([1064, 2164, 3264]), self.stamps([1000, 2100, 3200]))
        self.assertEqual((result["heard"], result["missing"], result["unclear"]), (3, 0, 0))
        self.assertAlmostEqual(result["mean"], 64)
        self.assertAlmostEqual(result["spread"], 0)

    def test_missing(self):
        result = analyse.latency(self.recording([1064, 3264]), self.stamps([1000, 2100, 3200]))
        self.assertEqual((result["heard"], result["missing"]), (2, 1))

    def test_still_sounding(self):
        result = analyse.latency(self.recording([1064, *range(1900, 2200)]), self.stamps([1000, 2100]))
        self.assertEqual((result["heard"], result["unclear"]), (1, 1))


class Wav(unittest.TestCase):
    def test_sixteen_bits(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.wav")
            with wave.open(path, "wb") as file:
                file.setparams((2, 2, RATE, 0, "NONE", ""))
                file.writeframes(np.array([[16384, -16384], [0, 8192]], "<i2").tobytes())
            recording = analyse.load(path)
        self.assertEqual(recording.samples.tolist(), [[0.5, -0.5], [0, 0.25]])
        self.assertEqual(recording.rate, RATE)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + ["-q"] + sys.argv[1:])
