#!/usr/bin/python3
"""Tests of scripts/test and scripts/lint with tables and sources made for them: test_runner.py"""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as XML

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
MANY = 20_000

# What `swift test` prints, with many failing lines: each of `tests` fails with many issues.
SWIFT_RUN = """: swift test
for n in $(seq 1 {lines}); do echo "✘ Test \\"loud\\" recorded an issue at A.swift:1:2: Expectation failed: $n"; done
echo '✔ Test "good" passed after 0.001 seconds.'
echo '✘ Test "loud" failed after 0.002 seconds with {lines} issues.'
echo '✘ Test run with 2 tests in 1 suite failed after 0.003 seconds with {lines} issues.'
exit 1"""


class Runner(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def script(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def run_table(self, builds, tests, *options):
        table = self.script("table", "\n".join(["[builds]", *builds, "[tests]", *tests]) + "\n")
        ended = subprocess.run(
            [TOP / "scripts/test", "--table", table, "--results", self.folder / "results", *options],
            capture_output=True, text=True)
        self.output, self.status = ended.stdout + ended.stderr, ended.returncode
        self.last = self.output.strip().splitlines()[-1]

    def test_many_failing_lines_are_counted_and_shown_in_part(self):
        command = self.script("swift", SWIFT_RUN.format(lines=MANY))
        self.run_table([], [f"many | - | beside | : swift test; bash {command}"])
        self.assertEqual((self.last, self.status), ("1 passed, 1 failed", 1))
        self.assertIn("Expectation failed: 1\n", self.output)
        self.assertIn("more lines of this kind", self.output)
        self.assertLess(len(self.output.splitlines()), 300)
        self.assertEqual(len((self.folder / "results/many.log").read_text().splitlines()), MANY + 3)

    def test_a_run_that_crashes_has_failed_for_all_that_did_not_pass(self):
        self.run_table([], ["crash | - | beside | : swift test --filter x; echo '✔ Test \"a\" passed after 0.1 seconds.'; kill -SEGV $$"])
        self.assertEqual((self.last, self.status), ("1 passed, 1 failed", 1))
        self.assertIn("signal 11", self.output)

    def test_skips_and_runs_without_tests_have_failed(self):
        self.run_table([], ["skip | - | beside | echo SKIP no card",
                            "none | - | beside | : swift test; echo 'Test run with 0 tests in 0 suites passed after 0.001 seconds.'",
                            "one | - | beside | : swift test; echo '➜ Test \"b\" skipped: \"no card\"'; echo 'Test run with 1 test passed'"])
        self.assertEqual((self.last, self.status), ("0 passed, 3 failed", 1))

    def test_what_needs_a_failed_build_has_failed_and_the_rest_runs(self):
        self.run_table(["broken | echo 'error: no such type'; exit 1", "good | true"],
                       ["a | broken | beside | true", "b | good | beside | true", "c | good broken | alone | true", "d | - | beside | true"])
        self.assertEqual((self.last, self.status), ("3 passed, 3 failed", 1))
        self.assertIn("error: no such type", self.output)
        self.assertIn("FAILED  c: the build 'broken' failed", self.output)

    def test_builds_that_nothing_needs_are_left_out(self):
        self.run_table(["slow | exit 1", "quick | true"], ["a | slow | beside | true", "b | quick | beside | true"], "^b ")
        self.assertEqual((self.last, self.status), ("2 passed, 0 failed", 0))

    def test_alone_runs_last_with_nothing_beside_and_waits_beside_all(self):
        # Each writes when it begins and ends.
        def row(name, runs, seconds=0.4):
            note = f"echo {name}-%s >> {self.folder}/order"
            return f"{name} | - | {runs} | {note % 'begins'}; sleep {seconds}; {note % 'ends'}"
        self.run_table([], [row("alone", "alone"), row("other", "alone"), row("waits", "waits", 1), row("a", "beside"), row("b", "beside")])
        order = (self.folder / "order").read_text().split()
        self.assertEqual(order[-4:], ["alone-begins", "alone-ends", "other-begins", "other-ends"])
        self.assertLess(order.index("a-begins"), order.index("waits-ends"))
        self.assertEqual(self.last, "5 passed, 0 failed")

    def test_patterns_choose_rows_and_what_no_row_has_goes_to_the_swift_tests(self):
        rows = ["Swift | - | beside | echo swift test", "machine: storm | - | beside | echo hello", "pad | - | beside | echo Storm"]
        listed = lambda pattern: (self.run_table([], rows, "--list", pattern), self.output)[1]  # noqa: E731
        self.assertIn("2 rows", listed("STORM"))
        self.assertIn("--filter '(?i)held note'", listed("held note"))
        self.assertIn("--filter '(?i)Storm'", listed("Swift:Storm"))
        self.assertIn("no regular expression", listed("("))

    def test_faults_of_the_table_have_their_line(self):
        for row, fault in [("a | nothing | beside | true", "table:3: there is no build 'nothing'"),
                           ("a | - | besides | true", "'besides' is not one of"), ("a | true", "a test 'name")]:
            self.run_table([], [row])
            self.assertIn(fault, self.output)
            self.assertEqual(self.status, 1)

    def test_junit_has_each_case(self):
        self.run_table([], [f"swift | - | beside | : swift test; bash {self.script('swift', SWIFT_RUN.format(lines=2))}",
                            "control | - | beside | printf 'FAILED \\033[31m red\\n'; exit 3"])
        root = XML.parse(self.folder / "results/junit.xml").getroot()
        cases = {case.get("name"): case.find("failure") is not None for case in root.iter("testcase")}
        self.assertEqual(cases, {"good": False, "loud": True, "control": True})
        self.assertIn("exit status 3", {failure.get("message") for failure in root.iter("failure")})

    def test_what_a_test_leaves_behind_is_ended(self):
        began = time.monotonic()
        self.run_table([], [f"leaves | - | beside | (sleep 7; echo late > {self.folder}/late) & true"])
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.last, "1 passed, 0 failed")

    def test_a_run_that_is_ended_ends_its_tests(self):
        table = self.script("table", f"[builds]\n[tests]\nlong | - | beside | echo $$ > {self.folder}/pid; sleep 60\n")
        run = subprocess.Popen([TOP / "scripts/test", "--table", table, "--results", self.folder / "results"])
        pid = self.folder / "pid"
        while not pid.exists() or not pid.read_text().strip():
            time.sleep(0.02)
        run.terminate()
        self.assertEqual(run.wait(), 128 + 15)
        for _ in range(100):
            if not pathlib.Path(f"/proc/{pid.read_text().strip()}/cmdline").exists():
                return
            time.sleep(0.1)
        self.fail("the test runs on")

    def test_tests_do_not_inherit_ignored_signals(self):
        table = self.script("table", "[builds]\n[tests]\nhup | - | beside | kill -HUP $$; sleep 1\n")
        ended = subprocess.run(["nohup", TOP / "scripts/test", "--table", table, "--results", self.folder / "results"],
                               capture_output=True, text=True)
        self.assertIn("signal 1", ended.stdout)

    def test_each_stage_says_its_time(self):
        self.run_table([], ["busy | - | beside | /usr/bin/python3 -c 'sum(range(30_000_000))'"])
        self.assertRegex(self.output, r"ok +[\d.]+ s, +(?!0\.0)[\d.]+ s of CPU  busy")

    def test_the_table_of_the_repository_names_commands_that_exist(self):
        table = TOP / "Tests/tests.table"
        for line in table.read_text().splitlines():
            command = line.split("|", 3)[-1].strip()
            if command.startswith(("Tests/", "Benchmarks/", "scripts/")) and "|" in line:
                self.assertTrue((TOP / command.split()[0]).stat().st_mode & 0o111, command)


class Lint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        loader = importlib.machinery.SourceFileLoader("lint", str(TOP / "scripts/lint"))
        cls.lint = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", loader))
        loader.exec_module(cls.lint)

    def test_a_forbidden_word_is_found_in_code_alone(self):
        lint = self.lint
        rules = [lint.Rule(r"\bprint\(", ("Sources",), ("Sources/kairos/Output.swift",), "use Output")]
        text = '// print(a)\nlet a = "print(x)"\nprint(a)  // print(b)\n'
        found = lambda path: list(lint.faults(path, text, rules))  # noqa: E731
        self.assertEqual(found("Sources/kairos/Play.swift"), ["Sources/kairos/Play.swift:3:1: error: print(: use Output"])
        self.assertEqual(found("Sources/kairos/Output.swift"), [])
        self.assertEqual(found("Tests/A.swift"), [])

    def test_a_word_that_is_gone_is_found_in_comments_and_texts_too(self):
        lint = self.lint
        words = list(lint.gone_words("## Words that are gone\n| gone | write | except in |\n| `shelf`, `wires?` | pool | `Biquad.swift` |\n"))
        found = lambda path, text: [line.split(": ")[0] for line in lint.gone(path, text, words)]  # noqa: E731
        self.assertEqual(found("docs/a.md", "The Shelf\nlowshelf shelves wired\nwire"), ["docs/a.md:1:5", "docs/a.md:3:1"])
        self.assertEqual(found("Sources/A.swift", "let x = 1 // a wire\nshelfDepth"), ["Sources/A.swift:1:16", "Sources/A.swift:2:1"])
        self.assertEqual(found("Sources/Biquad.swift", "shelf"), [])
        self.assertGreater(len(list(lint.gone_words())), 5)

    def test_a_type_in_a_file_of_another_name_is_found(self):
        text = "/// A key.\npublic struct Key {\n    struct Inner {}\n}\n\nprivate enum Helper {}\n@frozen public struct Other {}\n"
        found = lambda path: [line.split(":")[1] for line in self.lint.misplaced(path, text)]  # noqa: E731
        self.assertEqual(found("Sources/KairosTerminal/Key.swift"), ["7"])
        self.assertEqual(found("Sources/KairosTerminal/Key+Text.swift"), ["7"])
        self.assertEqual(found("Sources/KairosTerminal/Keys.swift"), ["2", "7"])
        self.assertEqual(found("Sources/kairos/Play/Keys.swift"), ["2", "7"])
        self.assertEqual(found("Tests/KairosTestSupport/Keys.swift"), [])

    def test_a_file_of_more_than_300_lines_is_found(self):
        found = lambda path, count: list(self.lint.misplaced(path, "\n" * count))  # noqa: E731
        self.assertEqual(found("Sources/KairosEngine/A.swift", 300), [])
        self.assertIn("301 lines", found("Sources/KairosEngine/A.swift", 301)[0])
        self.assertEqual(found("Tests/A.swift", 301), [])

    def test_a_comment_that_begins_with_an_interrogative_is_found(self):
        text = "/// How many.\n/// A count.\n/// What follows is its rest.\nlet a = 1  // Where b is.\n    // Which one.\n    let b = 2\n/// Whatever.\n"
        found = lambda path: [line.split(":")[1] for line in self.lint.unclear(path, text)]  # noqa: E731
        self.assertEqual(found("Sources/KairosEngine/A.swift"), ["1", "5"])
        self.assertEqual(found("Tests/A.swift"), [])


if __name__ == "__main__":
    unittest.main()
