"""Markdown pages: their headings, links, tables and fenced blocks."""

import pathlib
import re
from dataclasses import dataclass, field
from functools import cached_property

FENCE = re.compile(r"^( *)```(\w*) *$")
COMMENT = re.compile(r"^ *<!-- *(.*?) *--> *$")
LINK = re.compile(r"!?\[[^\]\[]*(?:\[[^\]]*\][^\]\[]*)?\]\(([^)\s]+)\)")


@dataclass
class Block:
    """A fenced block. `note` is the comment on the line before it, `line` is where it begins."""

    page: "Page"
    line: int
    language: str
    text: str
    note: str = ""

    @property
    def place(self):
        return f"{self.page.name}:{self.line}"

    @property
    def is_excluded(self):
        return self.note.startswith("not run:")


@dataclass
class Page:
    """A page. `name` is its path relative to `top`."""

    top: pathlib.Path
    path: pathlib.Path
    blocks: list = field(default_factory=list)

    def __post_init__(self):
        self.name = str(self.path.relative_to(self.top))
        self.prose = []  # (line number, line), without fenced blocks
        lines, at = self.path.read_text().splitlines(), 0
        while at < len(lines):
            opened = FENCE.match(lines[at])
            if not opened:
                self.prose.append((at + 1, lines[at]))
                at += 1
                continue
            end = next((n for n in range(at + 1, len(lines)) if lines[n].strip() == "```"), len(lines))
            indent = len(opened[1])
            text = "".join(line[indent:] + "\n" for line in lines[at + 1:end])
            note = COMMENT.match(lines[at - 1]) if at > 0 else None
            self.blocks.append(Block(self, at + 1, opened[2], text, note[1] if note else ""))
            at = end + 1

    @cached_property
    def anchors(self):
        """The anchors of the headings, as GitHub makes them."""
        seen, found = {}, set()
        for _, line in self.prose:
            heading = re.match(r"#+ +(.*?) *$", line)
            if not heading:
                continue
            text = LINK.sub(lambda link: re.match(r"!?\[(.*)\]", link[0])[1], heading[1])
            slug = re.sub(r"[^\w\- ]", "", text.lower().replace("`", "")).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            found.add(f"{slug}-{count}" if count else slug)
        return found

    @cached_property
    def links(self):
        """(line, target) of every link and image."""
        return [(number, link[1]) for number, line in self.prose for link in LINK.finditer(re.sub(r"`[^`]*`", "``", line))]

    @cached_property
    def spans(self):
        """(line, text, the prose before it) of every code span."""
        return [(number, span[1].replace("\\|", "|"), line[:span.start()])
                for number, line in self.prose for span in re.finditer(r"`([^`]+)`", line)]


def read(top):
    """Every page of the documentation below `top`."""
    files = [top / "README.md", top / "CONTRIBUTING.md", *sorted((top / "docs").glob("**/*.md"))]
    return [Page(top, path) for path in files if path.exists()]
