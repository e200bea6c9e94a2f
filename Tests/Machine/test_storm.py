#!/usr/bin/python3
"""Judges storm.py by storms whose outcome is known."""

import os
import sys
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import analyse
import storm

RATE, PERIOD = 48000, 64


class Judge(unittest.TestCase):
    def setUp(self):
        """A storm as it should be."""
        self.stamps = [{"kind": kind, "a": a, "b": b, "sent_us": time}
                       for time, kind, channel, a, b in storm.events(300)]
        frames = round((self.stamps[-1]["sent_us"] / 1e6 + 2) * RATE / PERIOD) * PERIOD
        starts = np.arange(0, frames, PERIOD)
        cycles = np.stack([starts, starts / RATE * 1e6, starts / RATE * 1e6], axis=1)
        self.samples = np.zeros((frames, 1), np.float32)
        self.about = {"skips": 0, "xruns": 0, "xruns_before": 0, "xrun_frames": [], "period": PERIOD}
        self.recording = analyse.Recording(self.samples, RATE, 0, cycles, self.about)
        expected = storm.Expected(self.recording, self.stamps)
        self.samples[:, 0] = expected.due
        self.strikes = [round(stamp["sent_us"] * RATE / 1e6) + PERIOD
                        for stamp in self.stamps if stamp["kind"] == "note-on"]
        self.samples[self.strikes, 0] = expected.due[np.array(self.strikes) - 4] + storm.LEVELS[expected.programs]
        self.changes, self.late, self.xruns, self.memory = expected.changes + 1, 0, 0, [[20000, 0], [20100, 0]]
        self.log = ""

    def wrong(self):
        """What the judge finds wrong."""
        log = self.log or (f"900 events, {self.late} late, {self.changes} program changes, at most 5 voices, "
                           f"xruns {self.xruns}\n")
        return [what for what, good, _ in storm.judge(self.recording, self.stamps, log, self.memory) if not good]

    def finds(self, *what):
        found = self.wrong()
        self.assertEqual(len(found), len(what), found)
        for begin, line in zip(what, found):
            self.assertIn(begin, line)

    def test_nothing_wrong(self):
        self.finds()

    def test_the_sound_before(self):
        self.samples[self.strikes[100], 0] = storm.LEVELS[0] if self.samples[self.strikes[100], 0] < 0.7 else storm.LEVELS[1]
        self.finds("chosen program")

    def test_a_note_that_is_not_struck(self):
        self.samples[self.strikes[100], 0] = 0
        self.finds("chosen program")

    def test_a_note_of_the_next_period(self):
        self.samples[self.strikes[100] + PERIOD, 0] = self.samples[self.strikes[100], 0]
        self.samples[self.strikes[100], 0] = 0
        self.finds("one period")

    def test_a_gap_in_what_is_held(self):
        expected = storm.Expected(self.recording, self.stamps)
        self.samples[np.flatnonzero(expected.certain & (expected.due > 0))[1000], 0] = 0
        self.finds("held notes")

    def test_a_note_that_stays(self):
        self.samples[self.strikes[-1]:, 0] += storm.SUSTAIN * storm.LEVELS[5]
        self.finds("held notes", "exactly silent")

    def test_a_rest_of_sound(self):
        self.samples[-1000:, 0] = 1e-9
        self.finds("exactly silent")

    def test_a_repeat_that_changes(self):
        self.changes += 1
        self.finds("same program")

    def test_xruns_and_lateness(self):
        self.about["xruns"] = 1
        self.finds("interrupted")
        self.about["xruns"], self.late = 0, 1
        self.finds("interrupted")
        self.late, self.xruns = 0, 1
        self.finds("interrupted")

    def test_xruns_before_the_first_note(self):
        self.about["xruns_before"], self.xruns = 1, 1
        self.finds()
        first = self.strikes[0]
        self.about["xruns"], self.about["xrun_frames"], self.xruns = 1, [first - RATE], 2
        self.finds()
        self.about["xrun_frames"] = [first]
        self.finds("interrupted")
        self.about["xruns"], self.about["xrun_frames"], self.xruns = 0, [], 2
        self.finds("interrupted")

    def test_a_leak(self):
        self.memory[1][0] = 20220
        self.finds("memory")

    def test_huge_pages(self):
        self.memory[1][1] = 2048
        self.finds("huge pages")

    def test_a_slot_that_stays(self):
        summary = '{"xruns": 0, "late": 0, "slots": %d, "voices": 0, "changes": {"count": %d}}\n'
        self.log = "audio: JACK\n" + summary % (1, self.changes)
        self.finds()
        self.log = summary % (2, self.changes)
        self.finds("one slot")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + ["-q"] + sys.argv[1:])
