"""Who is speaking: which tokens stand inside quotation marks.

The article answers for its own words only. Double marks (curly, straight, angled)
are paired within a paragraph; a quotation that is still open at its end goes on
where the next paragraph opens with a mark. Single marks are quotation marks where
one opens before a word and another closes after one; apostrophes are neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.text import DOUBLE_QUOTES, Batch, Bools, Flag, Ints

SHORT = 8
"""Words up to which a quotation may be a mere phrase in marks."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """Quotations of a batch of n tokens.

    Attributes
    ----------
    quoted : array of bool, shape (n,)
        Tokens inside quotation marks, the marks included.
    start, end : array of int64, shape (n_quotations,)
        First token and one past the last of each quotation, marks included.
    """

    quoted: Bools
    start: Ints
    end: Ints


def listen(batch: Batch) -> Voice:
    """Find the quotations of a batch."""
    marks = _double(batch)
    inside = _mask(marks, len(batch))
    marks += _single(batch, inside)
    marks.sort()
    pairs = np.asarray(marks, np.int64).reshape(-1, 2)
    return Voice(_mask(marks, len(batch)), pairs[:, 0], pairs[:, 1])


def silent(batch: Batch) -> Voice:
    """No quotation at all: everything is read as the article's own words."""
    none = np.zeros(0, np.int64)
    return Voice(np.zeros(len(batch), bool), none, none)


def _mask(pairs: list[tuple[int, int]], n: int) -> Bools:
    edges = np.zeros(n + 1, np.int64)
    for start, end in pairs:
        edges[start] += 1
        edges[end] -= 1
    return np.cumsum(edges[:-1]) > 0


def _double(batch: Batch) -> list[tuple[int, int]]:
    """Pairs of double marks: (first token, one past the last)."""
    at = np.flatnonzero(batch.has(DOUBLE_QUOTES))
    n = len(batch)
    spaced = batch.has(Flag.SPACE)
    glued = np.append(~spaced[1:], False) if n else spaced  # nothing between it and the next token
    opens = batch.has(Flag.OPEN_QUOTE) | (batch.has(Flag.STRAIGHT_QUOTE) & spaced & glued)
    curly_open = batch.has(Flag.OPEN_QUOTE)
    straight = batch.has(Flag.STRAIGHT_QUOTE)
    leads = np.zeros(n, bool)
    leads[batch.line_start[:-1]] = True
    opens |= straight & leads
    ends = batch.line_start[batch.line + 1][at] if n else at
    document = batch.document[at]
    pairs: list[tuple[int, int]] = []
    open_at, open_end, open_document, sure = -1, -1, -1, False
    for mark, opening, curly, plain, lead, end, owner in zip(
        at.tolist(), opens[at].tolist(), curly_open[at].tolist(), straight[at].tolist(),
        leads[at].tolist(), ends.tolist(), document.tolist(), strict=True,
    ):
        if open_at >= 0 and mark >= open_end:  # the paragraph ended inside a quotation
            goes_on = lead and opening and mark == open_end and owner == open_document
            if goes_on or sure:
                pairs.append((open_at, open_end))
            open_at = -1
        if open_at < 0:
            if opening or (plain and mark + 1 < end and not _closes(spaced, mark)):
                open_at, open_end, open_document, sure = mark, end, owner, curly
        elif not curly and not (plain and opening and not lead and mark + 1 < end and _opens(spaced, mark)):
            pairs.append((open_at, mark + 1))
            open_at = -1
        elif plain:  # a second straight mark that can only open: the first was never closed
            open_at, open_end, open_document, sure = mark, end, owner, False
    if open_at >= 0 and sure:
        pairs.append((open_at, open_end))
    return pairs


def _opens(spaced: Bools, mark: int) -> bool:
    """Whether white space stands before the mark and none after it."""
    return bool(spaced[mark]) and not bool(spaced[mark + 1])


def _closes(spaced: Bools, mark: int) -> bool:
    """Whether no white space stands before the mark, but some after it."""
    return not bool(spaced[mark]) and mark + 1 < len(spaced) and bool(spaced[mark + 1])


def _single(batch: Batch, inside: Bools) -> list[tuple[int, int]]:
    """Pairs of single marks outside double ones."""
    n = len(batch)
    spaced = batch.has(Flag.SPACE)
    word = batch.has(Flag.WORD)
    after_word = np.append(word[1:] & ~spaced[1:], False) if n else word
    leads = np.zeros(n, bool)
    leads[batch.line_start[:-1]] = True
    bracketed = np.zeros(n, bool)
    bracketed[1:] = batch.has(Flag.OPEN_BRACKET)[:-1]
    opener = (spaced | leads | bracketed) & after_word & ~inside
    opener &= batch.has(Flag.OPEN_SINGLE | Flag.STRAIGHT_SINGLE)
    next_apart = np.append(spaced[1:] | ~word[1:], True) if n else spaced
    closer = ~spaced & next_apart & ~inside & batch.has(Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE)
    at = np.flatnonzero(opener | closer)
    pairs: list[tuple[int, int]] = []
    open_at, open_line = -1, -1
    for mark, opening, line in zip(
        at.tolist(), opener[at].tolist(), batch.line[at].tolist(), strict=True
    ):
        if opening:
            open_at, open_line = mark, line
        elif open_at >= 0:
            if line == open_line:
                pairs.append((open_at, mark + 1))
            open_at = -1
    return pairs
