"""Lines and columns of offsets, in code points and in UTF-16 code units."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

BREAK = re.compile(r"\r\n|\n|\r")
"""What ends a line."""
ASTRAL = re.compile("[\U00010000-\U0010ffff]")
"""Characters that take two UTF-16 code units."""


class Positions:
    """Where the offsets of a text lie. Lines and columns count from 1.

    Parameters
    ----------
    text : str
        As given; a byte order mark counts as a character of the first line.
    """

    def __init__(self, text: str) -> None:
        self._lines = [0, *(found.end() for found in BREAK.finditer(text))]
        self._astral = [found.start() for found in ASTRAL.finditer(text)]

    def line(self, offset: int) -> int:
        """Line that holds the character at an offset."""
        return bisect_right(self._lines, offset)

    def column(self, offset: int) -> int:
        """Column, in code points."""
        return offset - self._lines[self.line(offset) - 1] + 1

    def units(self, offset: int) -> int:
        """UTF-16 code units before an offset."""
        return offset + bisect_left(self._astral, offset)

    def unit_column(self, offset: int) -> int:
        """Column, in UTF-16 code units."""
        return self.units(offset) - self.units(self._lines[self.line(offset) - 1]) + 1
