"""What a finished run says: counts of tests, the part of a log that explains a failure, and JUnit XML."""

import re
import xml.etree.ElementTree as XML
from dataclasses import dataclass, field

# Lines that an excerpt shows before all others, each with the lines that continue it.
FAULT = re.compile(r"^✘|FAILED|[Ee]rror:|Fatal|^Traceback|^SKIP|ThreadSanitizer|crashed|recorded an issue| skipped")
MARKER = re.compile(r"^[◇✔✘➜]|^ok |^FAILED|^\[\d+/\d+\]")
LINES, CONTINUED, LAST = 200, 4, 15
SUMMARY = re.compile(r"Test run with (\d+) tests?")
CASE = re.compile(r"^\S Test (?!run with)(?!.* recorded an issue)(.+?) (?:with \d+ test cases? )?"
                  r"(?:(passed|failed) after ([\d.]+) sec.*|(skipped)(?:\.|: .*)?)$")


@dataclass
class Outcome:
    """Counts of one row, and the cases that JUnit XML names: (name, seconds, fault or None)."""

    passed: int = 0
    failed: int = 0
    why: str = ""
    cases: list = field(default_factory=list)


def judge(row, status, log, expected):
    """The outcome of `row`, which ended with `status` (0: success) and printed `log`.

    `expected`: how many Swift tests the row has if all run; counts those that a crash has kept from running.
    """
    if row.is_swift:
        return _swift(status, log, expected)
    skipped = re.search(r"^SKIP.*", log, re.MULTILINE)
    if status == 0 and not skipped:
        return Outcome(passed=1)
    return Outcome(failed=1, why=_status(status) if status else f"a skip is a failure: {skipped[0]}")


def _swift(status, log, expected):
    outcome = Outcome()
    for line in log.splitlines():
        case = CASE.match(line)
        if not case:
            continue
        name = case[1].removesuffix("()").strip('"`')
        outcome.cases.append((name, float(case[3] or 0), case[4] or (None if case[2] == "passed" else "failed")))
    bad = sum(fault is not None for _, _, fault in outcome.cases)
    summaries = SUMMARY.findall(log)
    if not summaries:
        outcome.passed = sum(fault is None for _, _, fault in outcome.cases)
        outcome.failed = max(1, bad, expected - outcome.passed)
        outcome.why = f"it ended before its last line ({_status(status)}): {outcome.failed} tests failed or did not run"
        return outcome
    total = int(summaries[-1])
    if total == 0:
        return Outcome(failed=1, why="no test has this name; make test LIST=1 lists the rows")
    outcome.failed = min(total, max(bad, 1 if status else 0))
    outcome.passed = total - outcome.failed
    if outcome.failed:
        outcome.why = f"{outcome.failed} of {total} failed" if bad else _status(status)
    return outcome


def _status(status):
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def excerpt(log):
    """The lines of a log that explain a failure: those with a fault, each with what continues it, and the last ones."""
    lines = log.splitlines()
    chosen = set()
    for index, line in enumerate(lines):
        if not FAULT.search(line):
            continue
        chosen.add(index)
        for next_ in range(index + 1, min(index + 1 + CONTINUED, len(lines))):
            if MARKER.match(lines[next_]) or FAULT.search(lines[next_]):
                break
            chosen.add(next_)
    shown = sorted(chosen)[:LINES]
    last = [index for index in range(max(0, len(lines) - (LAST if shown else 4 * LAST)), len(lines)) if index not in shown]
    text = [lines[index] for index in shown]
    if len(chosen) > len(shown):
        text.append(f"… and {len(chosen) - len(shown)} more lines of this kind")
    if text and last:
        text.append("… its last lines:")
    return "\n".join(f"    {line}" for line in text + [lines[index] for index in last])


def junit(results, path):
    """Writes JUnit XML: a suite for each row of `results` (row, outcome, seconds, log's excerpt or "")."""
    root = XML.Element("testsuites")
    for row, outcome, seconds, text in results:
        suite = XML.SubElement(root, "testsuite", name=row.name, time=f"{seconds:.3f}")
        cases = outcome.cases or [(row.name, seconds, "failed" if outcome.failed else None)]
        # A crash names no case.
        if outcome.failed and all(fault is None for _, _, fault in cases):
            cases = [*cases, (row.name, seconds, "failed")]
        for name, time, fault in cases:
            case = XML.SubElement(suite, "testcase", classname=row.log_name, name=_printable(name), time=f"{time:.3f}")
            if fault:
                XML.SubElement(case, "failure", message=_printable(outcome.why or fault))
        suite.set("tests", str(outcome.passed + outcome.failed))
        suite.set("failures", str(outcome.failed))
        if text:
            XML.SubElement(suite, "system-out").text = _printable(text)
    XML.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text):
    """`text` without what XML 1.0 forbids."""
    return re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "�", text)
