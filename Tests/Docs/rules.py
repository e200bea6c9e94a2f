"""The rules of the documentation. Each yields (place, what is wrong)."""

import pathlib
import re

import commands

TOP = pathlib.Path(__file__).resolve().parents[2]
# A placeholder of a quoted message, or a number; what is between them must be in the sources.
PLACEHOLDER = re.compile(r"\b[A-Z]{4,}\b|…|: ")
COMPLETE = {
    "patch": "kairos: patch/1\nname: Example\n",
    "macros": commands.PATCH.replace("connections:", "  filter: { type: svf }\nconnections:") + "  - osc -> filter\n",
}


def complete(block):
    """(file name, text) of a YAML block as a whole file, or None if nothing says how it becomes one."""
    kind = re.match(r"kairos: (patch|mapping|setlist|module)/1\n", block.text)
    if kind:
        return f"example-{block.line}{'.setlist' if kind[1] == 'setlist' else ''}.yaml", block.text
    if block.note.startswith("check: patch"):
        return f"example-{block.line}.yaml", COMPLETE["patch"] + block.text
    if block.note == "check: part of a patch":
        return f"example-{block.line}.yaml", commands.PATCH + block.text
    if block.note.startswith("check: macros"):
        return f"example-{block.line}.yaml", COMPLETE["macros"] + block.text
    if block.text.startswith("macros:"):
        # The last whole patch before it on the page.
        before = [other for other in block.page.blocks if other.line < block.line and other.text.startswith("kairos: patch/1")]
        if before:
            return f"example-{block.line}.yaml", re.sub(r"(?ms)^macros:.*?(?=^\w|\Z)", "", before[-1].text) + block.text
    return None


def examples(page, runner):
    """Every YAML block passes `kairos check`; every command line runs, in the order of the page."""
    for block in page.blocks:
        if block.is_excluded:
            continue
        if block.language == "yaml":
            whole = complete(block)
            if not whole:
                yield block.place, "this YAML does not say how it becomes a whole file"
                continue
            name, text = whole
            with_module = re.search(r"with module ([\w-]+)", block.note)
            if with_module:
                source = next((other for other in page.blocks if other.text.startswith("kairos: module/1")), None)
                runner.save(f"{with_module[1]}.yaml", source.text if source else "")
            (runner.work / name).write_text(text)
            fault = runner.run(f"kairos check {name}")
            if fault:
                yield block.place, fault
            title = re.search(r"^name: (.*)$", text, re.M)
            if "/" in text.splitlines()[0] and title:
                # So that the commands and set lists of the page find it.
                ending = ".setlist.yaml" if name.endswith(".setlist.yaml") else ".yaml"
                runner.save(title[1].lower().replace(" ", "-") + ending, text)
        elif block.language == "sh":
            for number, command in commands.lines(block):
                if command.startswith("oscsend "):
                    continue
                fault = runner.run(command)
                if fault:
                    yield f"{page.name}:{number}", f"{command}: {fault}"


def spans(page, options):
    """The commands in the prose have the subcommands and options that they name; files in it exist."""
    for number, text, before in page.spans:
        if text.startswith("kairos ") and ": error" not in text:
            fault = options.fault(text)
            if fault:
                yield f"{page.name}:{number}", f"{text}: {fault}"
        # A file that the reader is told to make comes after "to" or "into".
        is_new = re.search(r"\b(?:in)?to $", before)
        if re.fullmatch(r"(?:Tests|scripts|Sources|Benchmarks|docs)/[\w./-]+", text) and not is_new and not (TOP / text).exists():
            yield f"{page.name}:{number}", f"there is no {text}"
        made = re.fullmatch(r"make ([a-z-]+)(?: .*)?", text)
        if made and not re.search(rf"^{made[1]}:", (TOP / "Makefile").read_text(), re.M):
            yield f"{page.name}:{number}", f"the Makefile has no '{made[1]}'"


def links(page, pages):
    """Links lead to files that exist, and to headings that exist."""
    known = {other.path.resolve(): other for other in pages}
    for number, target in page.links:
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.path.parent / file).resolve() if file else page.path.resolve()
        if not path.exists():
            yield f"{page.name}:{number}", f"link to {target}: there is no such file"
        elif anchor and path in known and anchor not in known[path].anchors:
            yield f"{page.name}:{number}", f"link to {target}: there is no such heading"


def reachable(pages):
    """Every page below docs/ is reached from docs/README.md, by links."""
    known = {page.path.resolve(): page for page in pages}
    start = next((page for page in pages if page.name == "docs/README.md"), None)
    if not start:
        yield "docs/README.md", "there is no index"
        return
    seen, todo = {start.path.resolve()}, [start]
    while todo:
        page = todo.pop()
        for _, target in page.links:
            path = (page.path.parent / target.partition("#")[0]).resolve()
            if path in known and path not in seen:
                seen.add(path)
                todo.append(known[path])
    for page in pages:
        if page.name.startswith("docs/") and page.path.resolve() not in seen:
            yield page.name, "no page that docs/README.md leads to has a link to this one"
    index = start.top / "docs/decisions/README.md"
    if index.exists():
        for decision in sorted(index.parent.glob("[0-9]*.md")):
            if decision.name not in index.read_text():
                yield "docs/decisions/README.md", f"{decision.name} is missing"


def sources():
    """The text of all Swift sources and scripts, with string literals that are joined by '+' written as one."""
    files = [*TOP.glob("Sources/**/*.swift"), TOP / "scripts/play"]
    text = "".join(re.sub(r'"\s*\+ "', "", file.read_text()) for file in files)
    return text.replace('\\"', '"')


def messages(page, source):
    """The messages in the first column of tables, of twelve characters or more, are those of the sources."""
    isOthers = False
    for number, line in page.prose:
        if line.startswith("<!--"):
            isOthers = "other programs" in line
        if not line.startswith("| `") or isOthers:
            isOthers = isOthers and (line.startswith("|") or line.startswith("<!--"))
            continue
        message = re.match(r"\| `([^`]+)`", line)[1]
        if len(message) < 12 or message.startswith("kairos "):
            continue
        for part in PLACEHOLDER.split(message):
            part = part.strip(" ()+/~'")
            if len(part) >= 6 and part not in source:
                yield f"{page.name}:{number}", f"no source contains '{part}', of the message '{message}'"


def drawings(page):
    """The drawings of a page are in a Swift test, line by line."""
    tests = {re.sub(r"\n +", "\n", file.read_text()) for file in TOP.glob("Tests/**/*.swift")}
    drawing, start = [], 0
    for number, line in [*page.prose, (0, "")]:
        if re.match(r"    .*\|", line):
            start = start or number
            drawing.append(line.strip())
        elif drawing:
            text = "\n".join(drawing)
            if not any(text in test for test in tests):
                yield f"{page.name}:{start}", "no test has this drawing"
            drawing, start = [], 0


def files(page):
    """A block that is a file of docs/examples, by its first line, is the whole file."""
    names = {path.read_text().splitlines()[0]: path for path in TOP.glob("docs/examples/*.py")}
    for block in page.blocks:
        if block.language != "python":
            continue
        path = names.get(block.text.splitlines()[0])
        if not path:
            yield block.place, "this Python is not a file of docs/examples, so nothing runs it"
        elif path.read_text() != block.text:
            yield block.place, f"this differs from docs/examples/{path.name}"
