#!/usr/bin/python3
"""Draws docs/images/build.png: how long it takes to make a program of a patch of any size.

Run at the top of the checkout, after `make build`. The figures are those of `kairos bench --changes`.
"""

import json
import subprocess

import matplotlib
import numpy

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend must be chosen first

said = subprocess.run([".build/release/kairos", "bench", "--changes", "--json"], check=True, capture_output=True, text=True)
rows = json.loads(said.stdout)["build"]
parts = numpy.array([row["modules"] + row["connections"] for row in rows], float)
times = numpy.array([row["milliseconds"] for row in rows])
# Each size counts alike.
slope, start = numpy.polyfit(parts, times, 1, w=1 / times)
line = start + slope * parts

figure, axes = pyplot.subplots(figsize=(8, 4), dpi=110)
axes.loglog(parts, times, "o", color="#c2571a")
axes.loglog(parts, line, color="#888888", linewidth=1, label=f"{1000 * slope:.1f} µs for each module and connection, and {start:.1f} ms")
for row, part, time in zip(rows, parts, times):
    axes.annotate(f"{row['modules']} modules, {row['connections']} connections", (part, time), (6, -12), textcoords="offset points", fontsize=8)
axes.set_xlabel("modules and connections")
axes.set_ylabel("from graph to program, ms")
axes.set_xlim(parts[0] / 1.5, parts[-1] * 6)
axes.legend(frameon=False)
figure.tight_layout()
figure.savefig("docs/images/build.png")
for row, part, time in zip(rows, parts, times):
    print(f"{row['modules']:4} modules {row['connections']:5} connections {time:7.2f} ms, {time / (start + slope * part) - 1:+.0%} of the line")
