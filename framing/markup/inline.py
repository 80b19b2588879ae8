"""Markdown inside a block: links, emphasis, code, escapes, character references and tags."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from framing.markup.html import ENTITY, Page, character

_ATTRIBUTE = r"""\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+"""
_TOKEN = re.compile(
    rf"""
    (?P<escape>\\[!-/:-@\[-`{{-~])
    |(?P<hard>(?:\\|(?<![ ])[ ]{{2,}}+)\n)
    |(?P<ticks>`++)
    |(?P<comment><!--)
    |(?P<auto><(?:[A-Za-z][A-Za-z0-9+.-]{{1,31}}:[^\s<>]*+|[^\s<>@\\`"(),:;]++@[\w.-]++)>)
    |<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*+)(?:{_ATTRIBUTE})*+\s*+/?>
    |{ENTITY}
    |(?P<open>!?\[)
    |(?P<shut>\])
    |(?P<marks>\*++|_++|~{{1,2}}+)
    |(?P<bar>\|)
    """,
    re.VERBOSE,
)
_ADDRESS = r"(?:\\.|[^\s()\\])*+"
_TARGET = re.compile(
    rf"\(\s*+(?:<[^<>\n]*+>|{_ADDRESS}(?:\({_ADDRESS}\){_ADDRESS})*+)"
    r"""(?:\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?+\s*+\)"""
)
_REFERENCE = re.compile(r"\[([^\[\]]*+)\]")
_TICKS = re.compile(r"`++")
LABEL = 1000
"""Characters that the label of a link may have."""


class Block(NamedTuple):
    """Lines of the source that are read as one, each without what makes it part of a block.

    Attributes
    ----------
    lines : list of (int, int)
        Offsets in the source.
    depth : int
        Block quotations that it stands in.
    html : bool
        Whether it is HTML all through.
    row : bool
        Whether it is the row of a table.
    """

    lines: list[tuple[int, int]]
    depth: int
    html: bool = False
    row: bool = False


class _Event(NamedTuple):
    """Characters of a block that are not simply read."""

    start: int
    end: int
    kind: str = ""
    found: re.Match[str] | None = None


def label(text: str) -> str:
    """The label of a link as labels are compared."""
    return " ".join(text.casefold().split())


def read_inline(page: Page, block: Block, labels: set[str]) -> None:
    """Show a block to the page.

    Parameters
    ----------
    page : Page
    block : Block
    labels : set of str
        Of the links that the file defines.
    """
    inline = _Inline(page.reader.source, block, labels)
    inline.scan()
    base, reached = block.lines[0][0], 0
    for event in sorted(inline.events, key=lambda each: (each.start, -each.end)):
        if event.start < reached:  # inside an image, or with a line break before it
            reached = max(reached, event.end)
            continue
        page.text(base + reached, base + event.start)
        _show(page, event, base)
        reached = event.end
    page.text(base + reached, base + len(inline.text))


def _show(page: Page, event: _Event, base: int) -> None:
    if event.kind == "line":
        page.reader.line()
    elif event.kind == "space":
        page.reader.space()
    elif event.kind == "comment":
        page.reader.comment(base + event.start, base + event.end)
    elif event.found and event.kind == "tag":
        page.tag(event.found, base)
    elif event.found:
        page.entity(event.found, base)


class _Inline:
    """Finds what is not simply read."""

    def __init__(self, source: str, block: Block, labels: set[str]) -> None:
        self.row = block.row
        self.labels = labels
        self.events: list[_Event] = []
        self._brackets: list[re.Match[str]] = []
        self._runs: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._ticks: dict[int, list[int]] | None = None
        parts: list[str] = []
        base = reached = block.lines[0][0]
        for start, end in block.lines:  # what stands between them becomes white space
            if reached < start:
                self.events.append(_Event(reached - base, start - base, "space"))
                parts.append("\n" + " " * (start - reached - 1))
            parts.append(source[start:end])
            reached = end
        self.text = "".join(parts)
        self._last_comment = self.text.rfind("-->")

    def scan(self) -> None:
        """Find everything."""
        at = 0
        while found := _TOKEN.search(self.text, at):
            at = self._read(found)

    def _read(self, found: re.Match[str]) -> int:
        """Take in a token; return where to go on."""
        kind = found.lastgroup
        if kind in {"name", "close"}:
            self._event(found, "tag")
        elif kind in {"number", "entity"}:
            if found[0][-1] == ";" and character(found)[1] == len(found[0]):
                self._event(found, "entity")
        elif kind == "hard" or (kind == "bar" and self.row):
            self._event(found, "line")
        elif kind == "escape":
            self._cut(found.start(), found.start() + 1)
        elif kind == "auto":
            self._cut(found.start(), found.start() + 1)
            self._cut(found.end() - 1, found.end())
        elif kind == "open":
            self._brackets.append(found)
        elif kind == "marks":
            self._emphasis(found[0][0], *found.span())
        elif kind == "ticks":
            return self._code(*found.span())
        elif kind == "comment":
            return self._comment(found.start())
        elif kind == "shut" and self._brackets:
            return self._link(self._brackets.pop(), found)
        return found.end()

    def _event(self, found: re.Match[str], kind: str) -> None:
        self.events.append(_Event(*found.span(), kind, found))

    def _cut(self, start: int, end: int) -> int:
        """Leave characters out; return where they end."""
        self.events.append(_Event(start, end))
        return end

    def _comment(self, start: int) -> int:
        if start > self._last_comment:
            return start + 1
        end = self.text.find("-->", start + 2) + 3
        self.events.append(_Event(start, end, "comment"))
        return end

    def _code(self, start: int, end: int) -> int:
        """Leave out a span of code, if as many marks end it as began it."""
        if self._ticks is None:
            self._ticks = defaultdict(list)
            for found in _TICKS.finditer(self.text):
                self._ticks[len(found[0])].append(found.start())
        runs = self._ticks.get(end - start, [])
        after = bisect_right(runs, start)
        return end if after == len(runs) else self._cut(start, runs[after] + end - start)

    def _emphasis(self, mark: str, start: int, end: int) -> None:
        """Match a run of marks with those before it; what is left may open another."""
        opens, closes = self._flanks(mark, start, end)
        waiting = self._runs[mark]
        while closes and start < end and waiting:
            first, last = waiting.pop()
            size = min(end - start, last - first)
            self._cut(last - size, last)
            start = self._cut(start, start + size)
            if last - size > first:
                waiting.append((first, last - size))
        if opens and start < end:
            waiting.append((start, end))

    def _flanks(self, mark: str, start: int, end: int) -> tuple[bool, bool]:
        """Whether a run may open emphasis, and whether it may close it (CommonMark 6.2)."""
        before = self.text[start - 1] if start else " "
        after = self.text[end : end + 1] or " "
        marks = not before.isalnum(), not after.isalnum()
        left = not after.isspace() and (not marks[1] or marks[0])
        right = not before.isspace() and (not marks[0] or marks[1])
        if mark != "_":
            return left, right
        return left and (not right or marks[0]), right and (not left or marks[1])

    def _link(self, opened: re.Match[str], shut: re.Match[str]) -> int:
        """Leave out what makes a link of its words, or all of an image or footnote mark."""
        start, end = opened.start(), self._target(opened, shut)
        if end is None:
            return shut.end()
        if opened[0] == "![" or self.text.startswith("^", opened.end()):
            return self._cut(start, end)
        self._cut(start, opened.end())
        return self._cut(shut.start(), end)

    def _target(self, opened: re.Match[str], shut: re.Match[str]) -> int | None:
        """Where a link ends whose words stand between two brackets; None if it is none."""
        found = _TARGET.match(self.text, shut.end())
        if found:
            return found.end()
        if shut.start() - opened.end() >= LABEL:
            return None
        words = self.text[opened.end() : shut.start()]
        found = _REFERENCE.match(self.text, shut.end())
        if found and label(found[1] or words) in self.labels:
            return found.end()
        named = words.startswith("^") and words.split() == [words]
        return shut.end() if named or label(words) in self.labels else None
