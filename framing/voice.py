"""Who is speaking: which tokens stand inside direct quotation.

The article answers for its own words only. Others speak

- between quotation marks: double, or single where they are no apostrophes. Marks are
  paired within a paragraph by the white space around them. A quotation that is still
  open at its end goes on where the next paragraph opens, or first of all closes, a
  quotation;
- in posts that name their author at the end: `Words. — Jane Doe (@jane) May 1, 2020`;
- in the paragraph after one that says whose words will follow: `The agency wrote:`;
- in the turns of a transcript: `SMITH: Words.`

A quotation inside another is part of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from framing.pieces import DOUBLE_QUOTES, QUOTES, SINGLE_QUOTES, Flag
from framing.text import Batch, Bools, Ints

SHORT = 8
"""Words up to which a quotation may be a mere phrase in marks."""
REACH = 8
"""Paragraphs over which a curly quotation may stay open."""
SIGNATURE = 12
"""Tokens between the dash and the handle of a post's author."""
LABEL = 5
"""Tokens of a speaker's name before the colon."""
ANNOUNCEMENT = 5
"""Last tokens of a line, colon included, among which a word announces what follows."""
TURNS = 4
"""Turns that make a transcript; and one more than the lines that may part two of them."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """Quotations of a batch of n tokens.

    Attributes
    ----------
    quoted : array of bool, shape (n,)
        Tokens inside quotations, the marks included.
    start, end : array of int64, shape (n_quotations,)
        First token and one past the last of each quotation, marks included; in text
        order, none overlapping another.
    marked : array of bool, shape (n_quotations,)
        Quotations that begin with a mark; the others are posts, reprints and turns.
    counted : bool
        Whether quoted words count like the article's own: for labels of speech too.
    """

    quoted: Bools
    start: Ints
    end: Ints
    marked: Bools
    counted: bool = False


def listen(batch: Batch, *, counted: bool = False) -> Voice:
    """Find the quotations of a batch, whether their words count or not."""
    if not len(batch):
        return silent(batch)
    pairs = _pair(_double_marks(batch))
    pairs += _pair(_single_marks(batch, _mask(pairs, len(batch))))
    pairs += _posts(batch)
    pairs += _introduced(batch)
    pairs += _turns(batch)
    merged = _merge(pairs)
    start, end = np.asarray(merged, np.int64).reshape(-1, 2).T
    marked = batch.flags[start] & int(QUOTES) != 0
    return Voice(_mask(merged, len(batch)), start, end, marked, counted)


def silent(batch: Batch) -> Voice:
    """No quotation at all: everything is read as the article's own words."""
    none = np.zeros(0, np.int64)
    return Voice(np.zeros(len(batch), bool), none, none, np.zeros(0, bool))


def _mask(pairs: list[Pair], n: int) -> Bools:
    found = np.zeros(n, bool)
    for start, end in pairs:
        found[start:end] = True
    return found


def _merge(pairs: list[Pair]) -> list[Pair]:
    """Pairs in order, those that overlap joined."""
    merged: list[Pair] = []
    for start, end in sorted(pairs):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


# --- marks --------------------------------------------------------------------------------


class _Mark(NamedTuple):
    """A quotation mark and what its neighbours say of it."""

    at: int
    after: int  # the token after it
    turn: int  # 1 opens, -1 closes, 0 one or the other
    curly: bool
    firm: bool  # what it opens lasts to the end of the paragraph, closed or not
    reach: int  # paragraphs after which what it opens may be closed
    weak: bool  # may be an apostrophe or an inch mark instead of closing
    resumes: bool  # stands after a full stop
    lead: bool  # first token of its line
    line: int
    line_end: int
    document: int


_BEFORE_OPENING = int(QUOTES | Flag.OPEN_BRACKET | Flag.COLON | Flag.DASH)
_NOT_CLOSED = int(Flag.WORD | Flag.OPEN_BRACKET)
_SPOKEN = int(Flag.SPEECH | Flag.LOWER)
_PUNCTUATION = int(Flag.STOP | Flag.CLOSE_BRACKET | Flag.BREAK)


class _Near:
    """What stands around m marks of `width` tokens each: arrays of shape (m,)."""

    def __init__(self, batch: Batch, at: Ints, width: Ints | int) -> None:
        self.at, self.next = at, at + width
        self.line = batch.line[at]
        self.line_end = batch.line_start[self.line + 1]
        self.lead = at == batch.line_start[self.line]
        self.document = batch.document[at]
        self.own = batch.flags[at]
        self.before = np.where(self.lead, 0, batch.flags[at - 1])
        self.after = self._flags(batch, self.next)
        self.spaced = self.lead | (self.own & int(Flag.SPACE) != 0)
        self.free = self.after & int(Flag.SPACE) != 0
        self.beyond_free = self._flags(batch, self.next + 1) & int(Flag.SPACE) != 0

    def _flags(self, batch: Batch, at: Ints) -> Ints:
        """Flags of tokens; a mere space where the line has ended."""
        flags = batch.flags[np.minimum(at, len(batch) - 1)]
        return np.where(at < self.line_end, flags, int(Flag.SPACE))

    def opens(self) -> Bools:
        """Space, or what may stand before an opening mark; and no space after it."""
        start = self.spaced | (self.before & _BEFORE_OPENING != 0)
        return start & ~self.free & ~((self.after & _PUNCTUATION != 0) & self.beyond_free)

    def closes(self) -> Bools:
        """No space before it; but space, or what may stand after a closing mark."""
        end = self.free | (self.after & _NOT_CLOSED == 0)
        return end & ~self.spaced & (self.before & int(Flag.OPEN_BRACKET) == 0)

    def marks(self, turn: Ints, curly: Bools, firm: Bools, reach: Ints, weak: Bools) -> list[_Mark]:
        """Marks one by one."""
        resumes = self.before & int(Flag.STOP) != 0
        kind = (turn, curly, firm, reach, weak, resumes)
        place = (self.lead, self.line, self.line_end, self.document)
        columns = [column.tolist() for column in (self.at, self.next, *kind, *place)]
        return list(map(_Mark._make, zip(*columns, strict=True)))


def _double_marks(batch: Batch) -> list[_Mark]:
    """Double marks, two single marks without space between them among these."""
    double, twins = np.flatnonzero(batch.has(DOUBLE_QUOTES)), _twins(batch)
    at = np.concatenate((double, twins))
    order = np.argsort(at, kind="stable")
    near = _Near(batch, at[order], np.repeat([1, 2], [len(double), len(twins)])[order])
    opens, closes = near.opens(), near.closes()
    left, right = near.own & int(Flag.OPEN_QUOTE) != 0, near.own & int(Flag.CLOSE_QUOTE) != 0
    turn = opens.astype(np.int64) - closes
    turn = np.where(left, np.where(closes & ~opens, -1, 1), turn)
    turn = np.where(right, np.where(opens & ~closes, 0, -1), turn)
    inch = ~left & ~right & (near.before & int(Flag.DIGIT) != 0)
    return near.marks(turn, left, left | (turn > 0), np.where(left, REACH, 1), inch)


def _twins(batch: Batch) -> Ints:
    """First of every two single marks that stand alone together."""
    at = np.flatnonzero(batch.has(SINGLE_QUOTES))
    if not len(at):
        return at
    glued = np.zeros(len(at) + 2, bool)  # to the mark after it; one more at each end
    glued[1:-2] = (np.diff(at) == 1) & (np.diff(batch.line[at]) == 0)
    glued[1:-2] &= batch.flags[at[1:]] & int(Flag.SPACE) == 0
    return at[glued[1:-1] & ~glued[:-2] & ~glued[2:]]


def _single_marks(batch: Batch, inside: Bools) -> list[_Mark]:
    """Single marks outside double ones that open or close; the others are apostrophes."""
    near = _Near(batch, np.flatnonzero(batch.has(SINGLE_QUOTES) & ~inside), 1)
    left = near.own & int(Flag.OPEN_SINGLE) != 0
    opens = near.opens() & (left | (near.own & int(Flag.STRAIGHT_SINGLE) != 0))
    opens &= near.after & int(Flag.CLIPPED) == 0
    turn = np.where(opens, 1, -near.closes().astype(np.int64))
    trails = (near.before & int(Flag.TRAILS) != 0) & (near.after & int(Flag.WORD) != 0)
    none = np.zeros(len(turn), np.int64)
    return [mark for mark in near.marks(turn, left, none > 0, none, trails) if mark.turn]


# --- pairs --------------------------------------------------------------------------------


def _pair(marks: Iterable[_Mark]) -> list[Pair]:
    """Quotations from the first token of a mark to one past the last of another."""
    pairs: list[Pair] = []
    opened: _Mark | None = None
    for _, group in groupby(marks, key=attrgetter("line")):
        row = list(group)
        if opened:
            opened = _carry(pairs, opened, row)
        nested = None if opened else _nested(row)
        if nested:
            pairs += nested
        else:
            opened = _flat(pairs, opened, row)
    if opened and opened.firm:
        pairs.append((opened.at, opened.line_end))
    return pairs


def _carry(pairs: list[Pair], opened: _Mark, row: list[_Mark]) -> _Mark | None:
    """End a quotation that was open when its paragraph ended, or hand it on."""
    first = row[0]
    apart = first.line - opened.line if first.document == opened.document else REACH + 1
    if apart == 1 and first.lead and first.turn >= 0:
        if len(row) > 1 and row[1].at == first.after:  # it closes, and the next one opens
            pairs.append((opened.at, first.after))
            del row[0]
        else:
            pairs.append((opened.at, opened.line_end))
            row[0] = first._replace(firm=first.firm and first.curly)
        return None
    if first.turn < 0 and not first.weak and apart <= opened.reach:
        return opened
    if opened.firm:
        pairs.append((opened.at, opened.line_end))
    return None


def _nested(row: list[_Mark]) -> list[Pair]:
    """Outermost quotations, if every mark of the line is sure and some are nested."""
    if len(row) < 4:  # too few for that
        return []
    pairs: list[Pair] = []
    depth = deepest = start = 0
    for mark in row:
        depth += mark.turn
        if mark.turn == 0 or depth < 0:
            return []
        deepest = max(deepest, depth)
        if mark.turn > 0 and depth == 1:
            start = mark.at
        elif depth == 0:
            pairs.append((start, mark.after))
    return pairs if depth == 0 and deepest > 1 else []


def _flat(pairs: list[Pair], opened: _Mark | None, row: list[_Mark]) -> _Mark | None:
    """Pair the marks of a line one after another; return the one left open."""
    weak = False  # whether the last quotation may go on
    for mark in row:
        if opened is None:
            if mark.turn >= 0:
                opened, weak = mark, False
            elif weak and not mark.weak:
                pairs[-1] = pairs[-1][0], mark.after
        elif mark.turn <= 0:
            if mark.at > opened.after or mark.after == mark.line_end:  # else “” for “
                pairs.append((opened.at, mark.after))
                opened, weak = None, mark.weak
        elif not (mark.curly or mark.resumes):  # the one before was never closed
            opened = mark
    return opened


# --- words of others without marks --------------------------------------------------------


def _posts(batch: Batch) -> list[Pair]:
    """Posts that end in `— Name (@handle) Month 1, 2000`, to the dash."""
    pairs: list[Pair] = []
    reached = 0
    for at in np.flatnonzero(_signing(batch)).tolist():
        line = batch.line[at]
        start, end = batch.line_start[line : line + 2].tolist()
        first = max(start, at - SIGNATURE)
        dashes = np.flatnonzero(batch.flags[first:at] & int(Flag.DASH))
        if len(dashes):
            dash = first + int(dashes[-1])
            start = max(reached, start if start < dash else _above(batch, int(line), reached))
            pairs.append((min(start, dash), dash))
            reached = _signed(batch, at, end)
    return [pair for pair in pairs if pair[0] < pair[1]]


def _signing(batch: Batch) -> Bools:
    """Tokens `@` after an opening bracket."""
    found = batch.has(Flag.AT)
    found[1:] &= batch.has(Flag.OPEN_BRACKET)[:-1]
    found[:1] = False
    return found


def _above(batch: Batch, line: int, reached: int) -> int:
    """First token, from the one reached on, of the paragraph above a line.

    A line break after a space is one inside a paragraph.
    """
    document = batch.document[batch.line_start[line]]
    text, begin = batch.texts[document], batch.document_start[document]
    while batch.line_start[line] > max(begin, reached):
        line -= 1
        start = batch.line_start[line]
        if start == begin or text[batch.end[start - 1]] != " ":
            break
    return int(batch.line_start[line])


def _signed(batch: Batch, at: int, end: int) -> int:
    """One past the signature, date included, whose handle begins at a token."""
    date = (Flag.UPPER, Flag.DIGIT, Flag.BREAK, Flag.DIGIT)
    stop = min(at + 3, end)  # @ handle )
    found = batch.flags[stop : min(stop + len(date), end)].tolist()
    dated = len(found) == len(date) and all(map(int.__and__, found, map(int, date)))
    return stop + len(date) if dated else stop


def _introduced(batch: Batch) -> list[Pair]:
    """Lines without marks of their own after one that announces somebody's words."""
    start = batch.line_start
    lines = {line + 1 for line in _announcing(batch).tolist()}
    handles = np.unique(batch.line[batch.has(Flag.AT)]).tolist()
    lines |= {line for line in handles if line and _follows_post(batch, line)}
    bounds = [tuple(start[line : line + 2].tolist()) for line in lines if line + 1 < len(start)]
    return [pair for pair in bounds if _is_speech(batch, *pair)]


def _announcing(batch: Batch) -> Ints:
    """Lines that end in a colon and have one of speech among their last words."""
    start, end = batch.line_start[:-1], batch.line_start[1:]
    spoken = np.concatenate(([0], np.cumsum(batch.flags & _SPOKEN == _SPOKEN)))
    last = np.maximum(start, end - ANNOUNCEMENT)
    found = batch.flags[end - 1] & int(Flag.COLON) != 0
    return np.flatnonzero(found & (spoken[end] > spoken[last]))


def _follows_post(batch: Batch, line: int) -> bool:
    """Whether the line above ends by speaking of a post, and this has no double marks."""
    middle, end = batch.line_start[line : line + 2].tolist()
    start = int(batch.sentence_start[batch.sentence[middle - 1]])
    posted = np.any(batch.flags[start:middle] & int(Flag.POST))
    return bool(posted) and not np.any(batch.flags[middle:end] & int(DOUBLE_QUOTES))


def _is_speech(batch: Batch, start: int, end: int) -> bool:
    """Whether a line may be reprinted words: no heading, no marks before it, unsigned."""
    flags = batch.flags[start:end]
    signed = flags[1:] & int(Flag.AT) != 0
    signed &= flags[:-1] & int(Flag.OPEN_BRACKET) != 0
    follows = start > batch.document_start[batch.document[start]]
    marked = flags[0] & int(QUOTES) or flags[-1] & int(Flag.COLON)
    return bool(follows and end - start > LABEL and not marked and not signed.any())


def _turns(batch: Batch) -> list[Pair]:
    """Turns of transcripts: lines that begin with a speaker's name, and those between."""
    documents: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for colon in _labels(batch).tolist():  # its line, and the first token of the turn
        documents[int(batch.document[colon])].setdefault(int(batch.line[colon]), colon + 1)
    pairs: list[Pair] = []
    for document, spoken in documents.items():
        if _is_transcript(batch, spoken):
            pairs += _speeches(batch, sorted({**_dashes(batch, document), **spoken}.items()))
    return pairs


def _labels(batch: Batch) -> Ints:
    """Colons that follow nothing but a few capitalised words in their line."""
    colon = np.flatnonzero(batch.has(Flag.COLON))
    start = batch.line_start[batch.line[colon]]
    others = np.concatenate(([0], np.cumsum(~batch.has(Flag.UPPER | Flag.STOP))))
    short = (colon > start) & (colon - start <= LABEL)
    return colon[short & (others[colon] == others[start])]


def _is_transcript(batch: Batch, turns: dict[int, int]) -> bool:
    """Whether at least two speakers speak more than once, and somebody asks."""
    if len(turns) < TURNS:
        return False
    names: Counter[str] = Counter()
    asked = False
    for line, after in turns.items():
        start, end = batch.line_start[line : line + 2].tolist()
        text = batch.texts[batch.document[start]]
        names[text[batch.start[start] : batch.end[after - 2]]] += 1
        asked |= bool(np.any(batch.flags[after:end] & int(Flag.TONE)))
    return asked and sum(n > 1 for n in names.values()) > 1


def _dashes(batch: Batch, document: int) -> dict[int, int]:
    """Lines of a document that begin with a dash, and the token after it."""
    first, end = batch.document_start[document : document + 2].tolist()
    start = batch.line_start[batch.line[first] : batch.line[end - 1] + 1]
    leading = start[batch.flags[start] & int(Flag.DASH) != 0]
    return {int(batch.line[token]): token + 1 for token in leading.tolist()}


def _speeches(batch: Batch, turns: list[tuple[int, int]]) -> list[Pair]:
    """Lines of the turns without the labels, and the lines between two turns."""
    pairs: list[Pair] = []
    for (line, after), (following, _) in pairwise([*turns, (-1, -1)]):
        last = following if line < following <= line + TURNS else line + 1
        pairs.append((after, int(batch.line_start[line + 1])))
        pairs += pairwise(batch.line_start[line + 1 : last + 1].tolist())
    return [pair for pair in pairs if pair[0] < pair[1]]
