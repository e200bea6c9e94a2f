#!/usr/bin/python3
"""Shows that each rule of the documentation finds its fault, on pages that are broken on purpose."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

import check  # noqa: E402
from verdicts import Verdicts  # noqa: E402  check has made Tests/Support known

INDEX = """# Index

[Broken](broken.md), [a page](troubleshooting.md), [drawings](program-changes.md)
[gone](gone.md) [no heading](#nowhere) [here](#index)

`kairos check --strict` `kairos chek` `kairos play --strickt` `make tset` `Tests/Dosc/run`
"""

BROKEN = """# Broken

```yaml
kairos: patch/1
name: Broken
modules:
  osc: { type: swa }
```

```yaml
modules: {}
```

```sh
kairos play --pacth first
kairos check missing/first.yaml    # no such file
oscsend localhost 9000 /nxt
oscsend localhost 9000 /note/on ii 1 60
oscsend localhost 9000 /note/off ii 1 60
sudoo true
```

```python
print("nothing runs this")
```
"""

TROUBLE = """# Trouble

| message | |
|---|---|
| `NAME is gone: the silent timer takes over` | |
| `NAME is gone: the noisy timer takes over` | |
"""

DRAWING = """# Drawing

    key 60   | ##  #  |
    A sounds | 12345  |
"""

# What each rule finds: the beginnings of the lines, in order.
EXPECTED = {
    "examples pass": ["docs/broken.md:3", "docs/broken.md:10", "docs/broken.md:15", "docs/broken.md:16", "docs/broken.md:20"],
    "OSC commands": ["docs/broken.md:17", "docs/broken.md:18"],
    "2 Python and Pd": ["silent.py", "wrong.py"],
    "Python in the pages": ["docs/broken.md:23"],
    "commands, files": ["docs/README.md:6", "docs/README.md:6", "docs/README.md:6", "docs/README.md:6"],
    "links lead": ["docs/README.md:4", "docs/README.md:4"],
    "every page": ["docs/lost.md"],
    "quoted messages": ["docs/troubleshooting.md:6"],
    "drawings": ["docs/program-changes.md:3"],
}


def main():
    verdicts = Verdicts("a broken page is noticed: ")
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder).resolve()
        (top / "docs/examples").mkdir(parents=True)
        for name, text in {"README.md": "# Readme\n", "docs/README.md": INDEX, "docs/broken.md": BROKEN, "docs/lost.md": "# Lost\n",
                           "docs/troubleshooting.md": TROUBLE, "docs/program-changes.md": DRAWING,
                           "docs/examples/wrong.py": "raise SystemExit(1)\n", "docs/examples/silent.py": "pass\n"}.items():
            (top / name).write_text(text)
        found = dict(check.faults(top))
    for beginning, expected in EXPECTED.items():
        rule = next(rule for rule in found if rule.startswith(beginning))
        places = [place for place, _ in found[rule]]
        verdicts.check(rule, places == expected, "" if places == expected else found[rule])
    verdicts.exit()


if __name__ == "__main__":
    main()
