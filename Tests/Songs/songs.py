#!/usr/bin/python3
"""Songs of other people, with program changes under held notes:  songs.py FOLDER

FOLDER is for what is written on the way; the MIDI files stay there.
"""

import os
import subprocess
import sys
from multiprocessing import Pool

import checks
from score import PROGRAMS, Score, prepare
from midifile import RATE, File

FAUST = "/usr/share/faust/examples/physicalModeling/faust-stk/pd-patches/fancy"
OPENMSX = "/usr/share/games/openttd/baseset/openmsx"
SIMUTRANS = "/usr/share/games/simutrans/music"
SONGS = [
    ("faust-common", f"{FAUST}/canon/pachelbel.mid"),
    ("faust-common", f"{FAUST}/take5/take5.mid"),
    ("faust-common", f"{FAUST}/what-a-friend/what_a_friend.mid"),
    ("openttd-openmsx", f"{OPENMSX}/busy_schedule.mid"),
    ("openttd-openmsx", f"{OPENMSX}/flying_scotsman.mid"),
    ("openttd-openmsx", f"{OPENMSX}/midnight_snow_run.mid"),
    ("openttd-openmsx", f"{OPENMSX}/modern_motion.mid"),
    ("openttd-openmsx", f"{OPENMSX}/no_work_song_redfarn.mid"),
    ("openttd-openmsx", f"{OPENMSX}/tttheme2.mid"),
    ("simutrans-data", f"{SIMUTRANS}/10-Easy-driving.mid"),
    ("simutrans-data", f"{SIMUTRANS}/41-Libertador.mid"),
    ("simutrans-data", f"{SIMUTRANS}/44-Above-the-sky.mid"),
    ("simutrans-data", f"{SIMUTRANS}/45-Misty-Forest.mid"),
]
TWICE = "take5"
MODES = ("multi", "entry")
SECONDS = 40
CHANGES = 18
# Changes of each song and mode that it is also rendered without.
LAWS = 4


class Song:
    """The beginning of a file, with what is put into it."""

    def __init__(self, path, folder, seconds=SECONDS, changes=CHANGES):
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.file, self.folder = File(path), folder
        longest = max(marks[-1][0] for marks in self.file.marks)
        self.end = min(longest, self.file.tick(round(seconds * RATE)))
        self.added, self.inserted = prepare(self.file, self.end, self.name, changes)

    def render(self, mode, name, added, end=None, tail="auto"):
        path = os.path.join(self.folder, f"{self.name}-{mode}-{name}")
        self.file.write(path + ".mid", self.end if end is None else end, added)
        return checks.render(path + ".mid", path + ".wav", mode, tail)

    def score(self, mode):
        return Score(self.file.events(self.end, self.added), self.file.frame(self.end), mode)

    def changes(self, score):
        """Those of the score's program changes that were put in: (change, event)."""
        ours = {(self.file.frame(event[0]), event[1][0] & 15): event for event in self.inserted}
        found = [(change, ours.get((change.frame, change.channel))) for change in score.changes]
        return [(change, event) for change, event in found if event]

    def without(self, mode, change, event):
        """The song up to what follows a change, without that change."""
        added = [other for other in self.added if other is not event]
        return self.render(mode, "without", added, self.file.tick(change.until), tail="0")[0]


def judge(task):
    """One song in one mode: its name, the mode, what is wrong, and figures to add up."""
    path, folder, mode = task
    try:
        return listen(Song(path, folder), mode)
    except subprocess.CalledProcessError as error:
        return os.path.basename(path), mode, [str(error)], (0, 0, 0, 0, 0, 0)


def listen(song, mode):
    score = song.score(mode)
    sound, summary = song.render(mode, "whole", song.added)
    wrong = [checks.held(summary), checks.stuck(sound, score.end), checks.gap(sound, score)]
    if summary["programChanges"] != score.programs:
        wrong.append(f"{summary['programChanges']} program changes were played, and there are {score.programs}")
    wrong += [f"no patch has {name}" for name in summary["unknownPrograms"]
              if name in [f"bank 0 program {program}" for program in PROGRAMS]]
    # What is not heard cannot show a gap.
    heard = score.heard() / RATE
    if heard < 5:
        wrong.append(f"something that sustains is held for {heard:.1f} s only")
    changes = song.changes(score)
    if len(changes) != CHANGES or not all(change.held for change, _ in changes):
        wrong.append(f"{len(changes)} changes could be put under held notes, and {CHANGES} were due")
    for change, event in changes:
        click = checks.click(sound, score, change)
        # What is heard without the change too, bit by bit, is the song's own.
        if click and checks.differ(sound, song.without(mode, change, event), change):
            wrong.append(click)
    # From all over the song; each mode looks at others.
    laws = changes[MODES.index(mode)::4][:LAWS]
    identical = 0
    for change, event in laws:
        without = song.without(mode, change, event)
        wrong.append(checks.differ(sound, without, change))
        end = min(change.until, len(without))
        identical += bool((sound[:end] == without[:end]).all())
    if song.name == TWICE and (sound != song.render(mode, "again", song.added)[0]).any():
        wrong.append("twice rendered, it differs")
    held = sum(change.held for change in score.changes)
    pedal = sum(change.pedal for change in score.changes)
    tail = (len(sound) - score.end) / RATE
    return song.name, mode, [fault for fault in wrong if fault], (held, pedal, len(laws), identical, heard, tail)


def main():
    folder, failed = sys.argv[1], False
    for package, path in SONGS:
        owner = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True).stdout
        if not os.path.exists(path) or not owner.startswith(package + ":"):
            print(f"FAILED  {package} has no {path}")
            failed = True
    if failed:
        sys.exit(1)
    totals = {mode: [] for mode in MODES}
    with Pool(os.cpu_count()) as pool:
        for name, mode, wrong, figures in pool.imap(judge, [(p, folder, m) for _, p in SONGS for m in MODES]):
            totals[mode].append(figures)
            held, pedal, laws, identical, heard, tail = figures
            about = f"{held} changes over held notes, {identical} of {laws} with no bit changed, a tail of {tail:.1f} s"
            print(f"ok      {name}, {mode}: {about}" if not wrong else f"FAILED  {name}, {mode}: {'; '.join(wrong)}", flush=True)
            failed |= bool(wrong)
    # The same file is played in both modes: its changes count once.
    held, pedal = (sum(figures[i] for figures in totals["multi"]) for i in (0, 1))
    laws, identical = (sum(figures[i] for mode in MODES for figures in totals[mode]) for i in (2, 3))
    if held < 200 or not pedal:
        print("FAILED  there are too few changes over held notes, or none under a pedal")
        failed = True
    print(f"{len(SONGS)} files, {held} program changes over held notes, {pedal} of them under a held pedal; "
          f"{identical} of {laws} rendered without the change have the same bits up to the next note")
    sys.exit(failed)


if __name__ == "__main__":
    main()
