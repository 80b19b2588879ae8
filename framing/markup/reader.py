"""Putting together what is read: words, and the white space that a browser shows."""

from __future__ import annotations

import re

from framing.markup.ignore import Ignored
from framing.markup.markup import Markup, Piece

_SPACE = " \t\n\r\f"
_UNSEEN = "\u00ad\u200b\u2060\ufeff"
"""Soft hyphens and the like: part of no word that anybody sees."""
_WORDS = re.compile(rf"[^{_SPACE}{_UNSEEN}]++(?: [^{_SPACE}{_UNSEEN}]++)*+")
_BREAK = re.compile(r"\r\n?|\n")


class Reader:
    """Collects the text of a source.

    White space is run together, and left out where a line begins or ends.

    Parameters
    ----------
    source : str
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.length = 0
        self.ignored = Ignored(source)
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self._gap = ""
        self._quoted: list[tuple[int, int]] = []
        self._depth = self._opened = 0

    def space(self) -> None:
        """White space, if words come before and after it."""
        self._gap = self._gap or " "

    def line(self) -> None:
        """The end of a line, if it has words."""
        self._gap = "\n"

    def words(self, start: int, end: int) -> None:
        """Characters of the source as they stand."""
        for found in _WORDS.finditer(self.source, start, end):
            self._between(start, found.start())
            start = found.end()
            self._add(found[0], found.start(), start)
        self._between(start, end)

    def lines(self, start: int, end: int) -> None:
        """Characters of which every line is shown as one."""
        for found in _BREAK.finditer(self.source, start, end):
            self.words(start, found.start())
            self.line()
            start = found.end()
        self.words(start, end)

    def put(self, shown: str, start: int, end: int) -> None:
        """Characters that are written some other way from `start` to `end`."""
        if shown.strip(_SPACE) != shown:
            self.space()
        elif shown.strip(_UNSEEN):
            self._add(shown, start, end)

    def quotation(self, *, begins: bool) -> None:
        """A block quotation begins; or ends, if one has begun."""
        if begins and not self._depth:
            self._opened = self.length
        elif not begins and self._depth == 1:
            self._quoted.append((self._opened, self.length))
        self._depth = max(self._depth + (1 if begins else -1), 0)

    def comment(self, start: int, end: int) -> None:
        """A comment, which may ask to ignore what follows."""
        self.ignored.read(start, end, self.length)

    def end(self) -> Markup:
        """Everything that was read."""
        if self._depth:
            self._quoted.append((self._opened, self.length))
        self.ignored.end(self.length)
        return Markup(
            self.source, "".join(self._parts), self._pieces, self._quoted,
            self.ignored.ranges, self.ignored.notes,
        )  # fmt: skip

    def _between(self, start: int, end: int) -> None:
        if self.source[start:end].strip(_UNSEEN):
            self.space()

    def _add(self, shown: str, start: int, end: int) -> None:
        if self._gap and self.length:
            self._parts.append(self._gap)
            self.length += 1
        self._gap = ""
        self._parts.append(shown)
        self._pieces.append(Piece(self.length, len(shown), start, end))
        self.length += len(shown)
