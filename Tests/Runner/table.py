"""The table of tests: reads Tests/tests.table and selects rows by a pattern."""

import pathlib
import re
from dataclasses import dataclass

BESIDE, WAITS, ALONE = "beside", "waits", "alone"
RUNS = (BESIDE, WAITS, ALONE)
SWIFT = "swift test"


class TableError(Exception):
    """A line of the table that cannot be used. The text says where, what is wrong and what to do."""


@dataclass
class Row:
    """A build or a test. A build has `runs == "build"` and needs nothing."""

    name: str
    command: str
    needs: tuple = ()
    runs: str = "build"

    @property
    def is_build(self):
        return self.runs == "build"

    @property
    def is_swift(self):
        return SWIFT in self.command

    @property
    def log_name(self):
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass
class Table:
    builds: list
    tests: list

    def builds_for(self, tests):
        """The builds that `tests` need, in the order of the table."""
        needed = {need for test in tests for need in test.needs}
        return [build for build in self.builds if build.name in needed]


def read(path):
    """Reads a table. Raises TableError."""
    table, section, names = Table([], []), None, set()
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue

        def fault(what):
            return TableError(f"{path}:{number}: {what}")

        if line.strip() in ("[builds]", "[tests]"):
            section = line.strip()
            continue
        cells = [cell.strip() for cell in line.split("|", 1 if section == "[builds]" else 3)]
        if section == "[builds]" and len(cells) == 2:
            row = Row(*cells)
            table.builds.append(row)
        elif section == "[tests]" and len(cells) == 4:
            name, needs, runs, command = cells
            row = Row(name, command, () if needs == "-" else tuple(needs.split()), runs)
            if runs not in RUNS:
                raise fault(f"'{runs}' is not one of {', '.join(RUNS)}")
            for need in row.needs:
                if need not in (build.name for build in table.builds):
                    raise fault(f"there is no build '{need}'")
            table.tests.append(row)
        else:
            raise fault("a build is 'name | command', a test 'name | needs | runs | command'")
        if row.name in names:
            raise fault(f"there is a row '{row.name}' already")
        names.add(row.name)
    return table


def select(table, pattern):
    """The rows whose name or command matches `pattern`, a regular expression, whatever the case.

    Swift tests are reached by `Swift:PATTERN`, and by a pattern that no row matches: then the rows that run Swift
    tests are left with this pattern as their filter. Raises TableError if the pattern is no regular expression.
    """
    if not pattern:
        return table.tests
    prefix = re.match(r"swift:(.*)", pattern, re.IGNORECASE)
    try:
        matching = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise TableError(f"T={pattern}: this is no regular expression: {error}") from None
    found = [] if prefix else [row for row in table.tests if matching.search(f"{row.name} {row.command}")]
    if found:
        return found
    filter_ = prefix[1] if prefix else pattern
    first = next((row for row in table.tests if row.is_swift), None)
    if first is None:
        raise TableError(f"T={pattern}: no row matches; make test LIST=1 lists them")
    quoted = filter_.replace("'", "'\\''")
    return [Row(f"{first.name}: {filter_}", f"{first.command} --filter '(?i){quoted}'", first.needs, first.runs)]
