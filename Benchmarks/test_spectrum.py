#!/usr/bin/python3
"""What the measurements say of tones that are known: python3 -m unittest, in this folder."""

import struct
import unittest

import numpy as np
from scipy.signal import lfilter

import spectrum
from contestants.base import Note, midi

RATE, F0 = 48_000, 146.832
TIME = np.arange(80_000) / RATE


def saw(below=23_900):
    return sum(np.sin(2 * np.pi * F0 * n * TIME) / n for n in range(1, int(below / F0) + 1))


class Spectrum(unittest.TestCase):
    def test_a_pure_saw_has_no_aliases(self):
        self.assertLess(spectrum.Tone(saw(), RATE, F0).alias(), -150)

    def test_a_foreign_tone_counts_as_alias(self):
        harmonics = sum(1 / n**2 for n in range(1, int(20_000 / F0) + 1))
        sound = saw() + 0.01 * np.sin(2 * np.pi * (3.5 * F0) * TIME)
        self.assertAlmostEqual(
            spectrum.Tone(sound, RATE, F0).alias(), 10 * np.log10(1e-4 / harmonics), delta=0.01)

    def test_above_the_limit_nothing_counts(self):
        sound = saw() + np.sin(2 * np.pi * (140.5 * F0) * TIME)
        self.assertLess(spectrum.Tone(sound, RATE, F0).alias(), -150)

    def test_the_frequency_is_found(self):
        self.assertAlmostEqual(spectrum.Tone(saw(), RATE, F0 + 1).f0, F0, delta=0.002)

    def test_silence_and_short_files_are_refused(self):
        for samples in (np.zeros(70_000), saw()[:60_000]):
            with self.assertRaises(ValueError):
                spectrum.Tone(samples, RATE, F0)

    def test_periods_of_whole_frames_are_told(self):
        tone = spectrum.Tone(np.sin(2 * np.pi * 480 * TIME), RATE, 480)
        self.assertTrue(tone.hides_aliases())
        self.assertFalse(spectrum.Tone(saw(), RATE, F0).hides_aliases())

    def test_the_textbook_filter_is_the_ideal_one(self):
        w, q = 2 * np.pi * 2400 / RATE, 2
        alpha, cosine = np.sin(w) / (2 * q), np.cos(w)
        b = np.array([(1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2]) / (1 + alpha)
        a = np.array([1 + alpha, -2 * cosine, 1 - alpha]) / (1 + alpha)
        tone = spectrum.Tone(lfilter(b, a, saw()), RATE, F0)
        self.assertLess(abs(spectrum.deviation(tone, 2400, q, 10_000)[1]).max(), 0.01)
        self.assertGreater(abs(spectrum.deviation(tone, 2400, 1.5 * q, 10_000)[1]).max(), 2)
        self.assertGreater(abs(spectrum.deviation(tone, 2700, q, 10_000)[1]).max(), 1.5)


    def test_two_waves_have_an_ideal(self):
        above = F0 * 2 ** (7 / 12)
        square = 2 * sum(np.sin(2 * np.pi * above * n * TIME) / n for n in range(1, int(23_900 / above) + 1, 2))
        w, q = 2 * np.pi * 2400 / RATE, 2
        alpha, cosine = np.sin(w) / (2 * q), np.cos(w)
        b = np.array([(1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2]) / (1 + alpha)
        a = np.array([1 + alpha, -2 * cosine, 1 - alpha]) / (1 + alpha)
        tone = spectrum.Tone(lfilter(b, a, saw() + square), RATE, F0)
        waves = [{}, {"shift": 7, "every": 2, "level": 20 * np.log10(2)}]
        self.assertLess(abs(spectrum.deviation(tone, 2400, q, 10_000, waves)[1]).max(), 0.05)
        waves[1]["level"] += 1
        self.assertGreater(abs(spectrum.deviation(tone, 2400, q, 10_000, waves)[1]).max(), 0.4)

    def test_the_one_that_is_apart_is_told(self):
        levels = [[0, -10, -20, -70], [6, -4, -14, -60], [-3, -13, -21, -90]]
        counts, away = spectrum.apart(levels, -60)
        self.assertEqual(counts.tolist(), [0, 1, 2])
        self.assertEqual(np.round(away, 9).tolist(), [[0, 0, 0], [0, 0, 0], [0, 0, 2]])


class Midi(unittest.TestCase):
    def test_notes_are_struck_and_let_go(self):
        data = midi([Note(0, 60), Note(24_000, 64, 2)], RATE, 1)
        self.assertEqual(struct.unpack(">4sIHHH", data[:14]), (b"MThd", 6, 0, 1, 1000))
        self.assertEqual(struct.unpack(">I", data[18:22])[0], len(data) - 22)
        self.assertIn(b"\x00\x90\x3c\x64\x83\x74\x92\x40\x64\x83\x74\x80\x3c\x40\x00\x82\x40\x40", data)


if __name__ == "__main__":
    unittest.main()
