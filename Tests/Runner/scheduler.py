"""Runs the rows of a table on the cores of this machine.

A row starts as soon as its builds are there and a core is free: `beside` rows and builds take a core each, one build
at a time. One `waits` row at a time runs besides, and takes none. `alone` rows run last, one after the other.
"""

import os
import pathlib
import signal
import subprocess
import time
from dataclasses import dataclass

from table import ALONE, BESIDE, WAITS, Row


@dataclass
class Ended:
    """A row that has ended: its exit status (negative: a signal), and what it took, in seconds."""

    row: Row
    status: int
    seconds: float
    cpu: float
    log: pathlib.Path


class Scheduler:
    """Runs builds and tests of one table.

    `limit`: seconds after which a row is killed, and has failed.
    """

    def __init__(self, builds, tests, results, limit):
        self.builds, self.tests = list(builds), list(tests)
        self.results, self.limit = pathlib.Path(results), limit
        self.cores = os.cpu_count() or 1
        self.built, self.broken = set(), set()
        self.running = {}

    def run(self):
        """Yields an Ended for each row as it ends, and (row, the build's name) for a test whose build has failed."""
        try:
            while self.builds or self.tests or self.running:
                for test in [test for test in self.tests if self.broken.intersection(test.needs)]:
                    self.tests.remove(test)
                    yield test, self.broken.intersection(test.needs).pop()
                while row := self._next():
                    (self.builds if row.is_build else self.tests).remove(row)
                    self._start(row)
                if self.running:
                    yield self._wait()
        finally:
            for process, _, _ in self.running.values():
                _kill(process)

    def _next(self):
        """The row that may start now, or None."""
        now = [row for _, row, _ in self.running.values()]
        if any(row.runs == ALONE for row in now):
            return None
        is_core_free = sum(row.runs != WAITS for row in now) < self.cores
        if self.builds and is_core_free and not any(row.is_build for row in now):
            return self.builds[0]
        for row in self.tests:
            if not self.built.issuperset(row.needs):
                continue
            if row.runs == BESIDE and is_core_free or row.runs == WAITS and not any(other.runs == WAITS for other in now):
                return row
        is_last = not now and not self.builds and all(row.runs == ALONE for row in self.tests)
        return self.tests[0] if is_last and self.tests else None

    def _start(self, row):
        with open(self.results / f"{row.log_name}.log", "wb") as log:
            process = subprocess.Popen(
                # What ignores signals (`nohup make test`) must not make the tests ignore them.
                ["env", "--default-signal", "bash", "-c", row.command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True)
        self.running[process.pid] = process, row, time.monotonic()

    def _wait(self):
        """Waits until one row ends."""
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid in self.running:
                break
            for process, _, began in self.running.values():
                if time.monotonic() - began > self.limit:
                    _kill(process)
            time.sleep(0.05)
        process, row, began = self.running.pop(pid)
        process.returncode = os.waitstatus_to_exitcode(status)
        # What it has started and left behind must not disturb the next one.
        _kill(process)
        if row.is_build:
            (self.broken if process.returncode else self.built).add(row.name)
        return Ended(row, process.returncode, time.monotonic() - began, usage.ru_utime + usage.ru_stime,
                     self.results / f"{row.log_name}.log")


def _kill(process):
    """Kills the process and all that it has started in its session's process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
