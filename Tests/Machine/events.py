#!/usr/bin/python3
"""Notes at all phases of a cycle, for seqsend:  events.py [COUNT] [STEP_MS] [CHANNEL]

COUNT (200) notes, STEP_MS (10) to twice that apart. Each lasts half of STEP_MS,
so that it can fall silent before the next. The same every time.
"""

import random
import sys

count, step, channel = ([int(argument) for argument in sys.argv[1:]] + [200, 10, 0][len(sys.argv) - 1:])[:3]
draw = random.Random(1)
time = 0
for number in range(count):
    time += step * 1000 + draw.randrange(step * 1000)
    key = 48 + number % 24
    print(time, "note-on", channel, key, 100)
    print(time + step * 500, "note-off", channel, key, 0)
