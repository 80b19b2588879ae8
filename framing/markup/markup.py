"""What was read out of a file, and where each of its characters stands."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from framing.prediction import Span

ALL = ""
"""Stands for every device among the ignored ranges."""


class Ranges:
    """Half-open ranges of a text, joined where they overlap.

    Parameters
    ----------
    pairs : iterable of (int, int)
    """

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(pairs):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def overlap(self, start: int, end: int) -> bool:
        """Whether some character of a range lies in one of these."""
        after = bisect_right(self._ends, start)
        return after < len(self._starts) and self._starts[after] < end


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of the reading that come from one place of the source.

    They stand there as they are read, or a single one is written there some other way.
    """

    at: int
    length: int
    start: int
    end: int

    def first(self, offset: int) -> int:
        """Where a character begins in the source."""
        return self.start + offset - self.at if self.length == self.end - self.start else self.start

    def last(self, offset: int) -> int:
        """Where a character ends in the source."""
        return (
            self.start + offset - self.at + 1 if self.length == self.end - self.start else self.end
        )


class Markup:
    """A file of Markdown or HTML as it is read.

    Parameters
    ----------
    source : str
        The file as it stands.
    text : str
        What is read: the words, with a line for every paragraph.
    pieces : list of Piece
        In the order of the text; between them are only spaces and line breaks.
    quoted : iterable of (int, int)
        Block quotations, as ranges of `text`.
    ignored : iterable of (str, int, int)
        A device, or `ALL`, and the range of `text` where it is not reported.
    notes : list of (int, str)
        What is wrong with comments, and the offset in the source where.
    """

    def __init__(
        self,
        source: str,
        text: str,
        pieces: list[Piece],
        quoted: Iterable[tuple[int, int]],
        ignored: Iterable[tuple[str, int, int]],
        notes: list[tuple[int, str]],
    ) -> None:
        self.source = source
        self.text = text
        self._notes = notes
        self._pieces = pieces
        self._at = [piece.at for piece in pieces]
        self._quoted = Ranges(quoted)
        devices: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for device, start, end in ignored:
            devices[device].append((start, end))
        self._ignored = {device: Ranges(pairs) for device, pairs in devices.items()}

    def notes(self) -> list[str]:
        """What is wrong with comments that speak to us, each with its line."""
        from framing.output.positions import Positions

        if not self._notes:
            return []
        line = Positions(self.source).line
        return [f"{line(start)}: {what}" for start, what in sorted(self._notes)]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the source of the characters of the text from `start` to `end`."""
        first = self._pieces[bisect_right(self._at, start) - 1]
        last = self._pieces[bisect_right(self._at, end - 1) - 1]
        return first.first(start), last.last(end - 1)

    def place(self, span: Span) -> Span:
        """Move a span of the text to the source: its offsets, and what stands there."""
        start, end = self.locate(span.start, span.end)
        return replace(span, start=start, end=end, text=self.source[start:end])

    def is_ignored(self, span: Span) -> bool:
        """Whether a comment asks not to report a span of the text."""
        found = (self._ignored.get(ALL), self._ignored.get(span.label))
        return any(ranges is not None and ranges.overlap(span.start, span.end) for ranges in found)

    def is_quoted(self, span: Span) -> bool:
        """Whether a span of the text stands in a block quotation."""
        return self._quoted.overlap(span.start, span.end)
