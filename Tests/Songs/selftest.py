#!/usr/bin/python3
"""Shows that the checks of songs.py can fail:  selftest.py FOLDER"""

import sys

import checks
from score import SUSTAINING
from midifile import RATE
from songs import FAUST, Song

failed = False


def expect(what, good):
    global failed
    print(f"{'ok     ' if good else 'FAILED '} {what}")
    failed |= not good


def ends_on_a_held_note(folder):
    """A short song that ends while a key holds a sustaining note, and the note-off that was added for it."""
    for half_seconds in range(24, 12, -1):
        song = Song(f"{FAUST}/daisy/daisy.mid", folder, half_seconds / 2, 4)
        score = song.score("multi")
        for note in score.notes:
            off = (song.end, bytes([0x80 | note.channel, note.key, 64]))
            if note.end == score.end and note.program in SUSTAINING and not note.voiced and off in song.added:
                return song, score, off
    sys.exit("FAILED  no note is held at the end")


def main():
    song, score, off = ends_on_a_held_note(sys.argv[1])
    sound, summary = song.render("multi", "whole", song.added)
    changes = song.changes(score)
    change, event = changes[1]
    without = song.without("multi", change, event)
    clean = [checks.held(summary), checks.stuck(sound, score.end), checks.gap(sound, score), checks.differ(sound, without, change)]
    clean += [checks.click(sound, score, change) for change, _ in changes]
    expect("a song as it is passes", len(changes) == 4 and not any(clean))

    start, stop = score.sounding()[0]
    cut = sound.copy()
    cut[(start + stop) // 2:][:RATE * 6 // 1000] = 0
    expect("a gap of 6 ms is found", checks.gap(cut, score))

    clicked = sound.copy()
    clicked[change.frame] += 0.1
    expect("a click of -20 dBFS at a change is found", checks.click(clicked, score, change))
    expect("and it tells of the change", checks.differ(clicked, without, change))

    choked = [(event[0], bytes([0xB0 | change.channel, 64, 0]))]
    choked += [(event[0], bytes([0x80 | note.channel, note.key, 64])) for note in score.notes
              if note.channel == change.channel and note.start < change.frame < note.end]
    sound, _ = song.render("multi", "choked", song.added + choked)
    expect("held notes that end with a change are found", checks.differ(sound, without, change))

    others = [other for other in song.added if other != off]
    _, summary = song.render("multi", "lost", others)
    expect("a lost note-off is found", checks.held(summary))

    late = song.file.tick(score.end + 31 * RATE)
    sound, _ = song.render("multi", "late", others + [(late, off[1])], late)
    expect("a note that rings on is found", checks.stuck(sound, score.end))
    sys.exit(failed)


if __name__ == "__main__":
    main()
