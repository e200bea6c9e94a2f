#!/usr/bin/python3
"""Checks the documentation of a folder:  check.py FOLDER

Prints a line for each rule and each fault; exit status 1 if there is a fault.
"""

import pathlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True

import commands  # noqa: E402
import live  # noqa: E402
import pages  # noqa: E402
import rules  # noqa: E402
from verdicts import Verdicts  # noqa: E402  commands has made Tests/Support known

KAIROS = str(rules.TOP / ".build/release/kairos")


def faults(top):
    """(rule, [(place, what is wrong)]) of each rule."""
    found = pages.read(top)
    excluded = sum(block.is_excluded for page in found for block in page.blocks)
    options, source = commands.Options(KAIROS), rules.sources()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        def run(page):
            return list(rules.examples(page, commands.Runner(KAIROS, folder / page.name, options)))

        # They mostly wait.
        with ThreadPoolExecutor(4) as pool:
            examples = [fault for faults in pool.map(run, found) for fault in faults]
        yield f"examples pass 'kairos check' and run ({excluded} blocks are not run)", examples
        sent = []
        for number, page in enumerate(page for page in found if live.has_osc(page)):
            with live.Instrument(KAIROS, folder / f"osc{number}") as instrument:
                sent += live.sent(page, instrument)
        yield "OSC commands are answered", sent
        with live.Instrument(KAIROS, folder / "programs") as instrument:
            programs = [(path.name, live.python(path, instrument)) for path in sorted((top / "docs/examples").glob("*.py"))]
            programs += [(path.name, live.pd(path, instrument, folder)) for path in sorted((top / "docs/examples").glob("*.pd"))]
        yield f"{len(programs)} Python and Pd examples run", [fault for fault in programs if fault[1]]
    yield "Python in the pages is that of docs/examples", [fault for page in found for fault in rules.files(page)]
    yield "commands, files and targets in the text exist", [fault for page in found for fault in rules.spans(page, options)]
    yield "links lead to files and headings", [fault for page in found for fault in rules.links(page, found)]
    yield "every page is reached from docs/README.md", list(rules.reachable(found))
    troubles = [page for page in found if page.name.endswith("troubleshooting.md")]
    yield "quoted messages are in the sources", [fault for page in troubles for fault in rules.messages(page, source)]
    drawn = [page for page in found if page.name.endswith("program-changes.md")]
    yield "drawings are in the tests", [fault for page in drawn for fault in rules.drawings(page)]


def main():
    verdicts = Verdicts()
    for rule, found in faults(pathlib.Path(sys.argv[1]).resolve()):
        for place, fault in found:
            print(f"        {place}: {fault}")
        verdicts.check(rule, not found, f"{len(found)} faults" if found else "")
    verdicts.exit()


if __name__ == "__main__":
    main()
