"""Who is held when, by the rules of docs/guides/playing.md, and what is put into a song."""

import random
from dataclasses import dataclass, field

from midifile import RATE

# Patches that sustain: their voices, and the seconds after which a held note must be heard.
SUSTAINING = {
    1: (32, 0.1), 2: (16, 1.0), 3: (1, 0.1), 4: (1, 0.1), 7: (12, 1.0), 8: (1, 0.3), 9: (10, 0.5), 11: (4, 0.3),
}
PROGRAMS = range(13)
# Controllers that a mapping gives to the new patch alone; CC 121 moves some of them.
MAPPED = {1, 2, 4, *range(16, 20), *range(71, 79), *range(80, 84), 91, 93, 121}


@dataclass
class Note:
    channel: int
    key: int
    program: int
    start: int
    end: int = None
    down: bool = True
    sustained: bool = False
    caught: bool = False
    # Until when it has a voice.
    voiced: int = None


@dataclass
class Change:
    frame: int
    channel: int
    # Whether a note of its channel is held, and whether by a key that the pedal will keep.
    held: bool
    pedal: bool
    # The next event of its part that the two sounds may answer differently.
    until: int = None


@dataclass
class Part:
    program: int = 0
    volume: float = 1.0
    expression: float = 1.0
    since: int = 0
    levels: list = field(default_factory=list)


class Score:
    """A song played in one mode: notes with their ends, and the program changes that changed something."""

    def __init__(self, events, end, mode):
        self.multi, self.end = mode == "multi", end
        self.parts = [Part() for _ in range(16 if self.multi else 1)]
        self.notes, self.held, self.changes, self.edges = [], [], [], [0]
        # Programs that there are, as they were asked for: frame, channel, program.
        self.chosen = []
        self.sustain, self.sostenuto, self.banks = [False] * 16, [False] * 16, {}
        self.programs = 0
        for event in events:
            self.take(event)
        for note in list(self.held):
            note.end = end
        self.edges.append(end)
        for change in self.changes:
            change.until = change.until or end

    def part(self, channel):
        return channel if self.multi else 0

    def take(self, event):
        kind, channel, frame = event.kind, event.channel, event.frame
        part = self.part(channel)
        number, value = event.data[1], event.data[-1]
        ends_comparison = kind in (0xA0, 0xD0, 0xE0) or kind == 0xB0 and number in MAPPED
        if kind == 0x90 and value:
            ends_comparison = True
            self.note_on(frame, channel, number)
        elif kind in (0x80, 0x90):
            self.edges.append(frame)
            note = next((n for n in self.held if n.down and (n.channel, n.key) == (channel, number)), None)
            if note:
                note.down, note.sustained = False, self.sustain[channel]
                self.settle(frame)
        elif kind == 0xC0:
            self.program(event, part)
        elif kind == 0xB0:
            self.control(event, part)
        if ends_comparison:
            for change in self.changes:
                if change.until is None and self.part(change.channel) == part:
                    change.until = frame

    def note_on(self, frame, channel, key):
        self.edges.append(frame)
        program = self.parts[self.part(channel)].program
        note = Note(channel, key, program, frame)
        self.notes.append(note)
        self.held.append(note)
        voices = SUSTAINING.get(program, (99,))[0]
        mates = [n for n in self.held if n.program == program and self.part(n.channel) == self.part(channel)]
        # A mono voice moves on and comes back; any other that is taken is lost.
        if voices > 1:
            for lost in mates[:-voices]:
                lost.voiced = lost.voiced or frame

    def program(self, event, part):
        self.programs += 1
        bank = self.banks.get(event.channel, 0)
        if bank or event.data[1] not in PROGRAMS:
            return
        self.chosen.append((event.frame, event.channel, event.data[1]))
        if event.data[1] == self.parts[part].program:
            return
        self.parts[part].program = event.data[1]
        held = [n for n in self.held if n.channel == event.channel]
        self.changes.append(Change(event.frame, event.channel, bool(held), bool(held) and self.sustain[event.channel]))

    def control(self, event, part):
        channel, (number, value) = event.channel, event.data[1:]
        if number in (0, 32):
            coarse, fine = divmod(self.banks.get(channel, 0), 128)
            self.banks[channel] = value * 128 + fine if number == 0 else coarse * 128 + value
        elif number in (7, 11):
            setattr(self.parts[part], "volume" if number == 7 else "expression", value / 127)
            self.parts[part].levels.append((event.frame, self.level(part)))
        elif number == 64 or number == 121:
            self.sustain[channel] = number == 64 and value >= 64
            if not self.sustain[channel]:
                self.lift(channel, "sustained", event.frame)
        if number == 66 or number == 121:
            down = number == 66 and value >= 64
            if down != self.sostenuto[channel]:
                self.sostenuto[channel] = down
                for note in self.held:
                    if note.channel == channel:
                        note.caught = down and note.down
                self.lift(channel, None, event.frame)
        if number == 121:
            self.parts[part].expression = 1.0
            self.parts[part].levels.append((event.frame, self.level(part)))
        if number >= 123:
            for note in self.held:
                if note.channel == channel and note.down:
                    note.down, note.sustained = False, self.sustain[channel]
            self.edges.append(event.frame)
            self.settle(event.frame)

    def level(self, part):
        return (self.parts[part].volume * self.parts[part].expression) ** 2

    def lift(self, channel, what, frame):
        for note in self.held:
            if note.channel == channel and what:
                setattr(note, what, False)
        self.edges.append(frame)
        self.settle(frame)

    def settle(self, frame):
        for note in self.held:
            if not (note.down or note.sustained or note.caught):
                note.end = frame
        self.held = [n for n in self.held if n.end is None]

    def sounding(self):
        """Stretches of frames in which a sustaining note is held, has begun and is not turned down."""
        stretches = []
        for note in self.notes:
            if note.program not in SUSTAINING:
                continue
            start = note.start + round(SUSTAINING[note.program][1] * RATE)
            stop = min(note.end, note.voiced or note.end)
            level, at = 1.0, 0
            # 20 ms for the level to arrive.
            for frame, value in self.parts[self.part(note.channel)].levels + [(self.end, 0)]:
                if level > 0.03:
                    stretches.append((max(start, at), min(stop, frame)))
                at, level = frame + RATE // 50, value
        joined = []
        for start, stop in sorted((a, b) for a, b in stretches if b > a):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
            else:
                joined.append((start, stop))
        return joined

    def heard(self):
        """Frames in which something must be heard."""
        return sum(stop - start for start, stop in self.sounding())


def closing(file, end):
    """What ends every note and pedal at the tick `end`."""
    down, pedals = [], set()
    for event in file.events(end):
        key = (event.channel, event.data[1])
        if event.kind == 0x90 and event.data[2]:
            down.append(key)
        elif event.kind in (0x80, 0x90) and key in down:
            down.remove(key)
        elif event.kind == 0xB0 and event.data[1] in (64, 66):
            pedals.add(key)
    offs = [(end, bytes([0x80 | channel, key, 64])) for channel, key in down]
    return offs + [(end, bytes([0xB0 | channel, number, 0])) for channel, number in sorted(pedals)]


def bank_zero(tick, channel):
    """What goes before a program change that is put in: the song may have selected another bank."""
    return [(tick, bytes([0xB0 | channel, number, 0])) for number in (0, 32)]


def prepare(file, end, seed, wanted):
    """Pedals where the song has none, and `wanted` program changes under held notes, far from any note's edge."""
    chance = random.Random(seed)
    own = file.events(end)
    added = []
    channels = sorted({e.channel for e in own if e.kind == 0x90})
    for channel in channels:
        first = next(e.tick for e in own if e.kind == 0x90 and e.channel == channel)
        added += bank_zero(max(0, first - 1), channel)
        added.append((max(0, first - 1), bytes([0xC0 | channel, chance.choice(list(SUSTAINING))])))
    last = file.frame(end)
    if not any(e.kind == 0xB0 and e.data[1] == 64 and e.data[2] >= 64 for e in own):
        notes = Score(own, last, "multi").notes
        for start in range(3, last // RATE - 4, 9):
            near = [n for n in notes if start * RATE <= n.start < (start + 3) * RATE]
            if near:
                note = chance.choice(near)
                for frame, value in (note.start + 100, 127), (note.start + chance.randint(1, 3) * RATE, 0):
                    added.append((file.tick(frame), bytes([0xB0 | note.channel, 64, value])))
    end_notes = closing(file, end) + [(end, bytes([0xB0 | channel, 64, 0])) for channel in channels]
    score = Score(file.events(end, added + end_notes), last, "multi")
    edges = sorted(set(score.edges))
    # 25 ms and more before the change to compare with, 5 ms after it.
    quiet = [(a + 1200, b - 300) for a, b in zip(edges, edges[1:]) if b - a > 1600]
    spots = []
    for first, final in quiet:
        for note in score.notes:
            if note.start < first and final < note.end:
                tick = file.tick(chance.randint(first, final))
                if file.frame(tick) >= first:
                    spots.append((tick, note.channel))
    chance.shuffle(spots)
    taken = []
    for tick, channel in spots:
        frame = file.frame(tick)
        if len(taken) < wanted and all(abs(frame - other) > RATE // 4 for _, other, _ in taken):
            taken.append((tick, frame, channel))
    inserted = []
    chosen = list(score.chosen)
    for tick, frame, channel in sorted(taken):
        # Another program than the one that it replaces, in either mode.
        before = sorted(choice for choice in chosen if choice[0] <= frame)
        present = {program for _, _, program in before[-1:] + [c for c in before if c[1] == channel][-1:]}
        # Most of them sustain, so that most gaps would be found.
        choices = [p for p in list(SUSTAINING) * 3 + [0, 5, 6, 10, 12] if p not in present]
        chosen.append((frame, channel, chance.choice(choices)))
        added += bank_zero(tick, channel)
        inserted.append((tick, bytes([0xC0 | channel, chosen[-1][2]])))
    return sorted(added + inserted, key=lambda event: event[0]) + end_notes, inserted
