"""One pass over the text: tokens with offsets, sentences and lines, as arrays.

A token is a *piece* of the text: white space, then one word or mark. Pieces tile
the text, so their lengths give every offset, and whatever depends on the words
alone is looked up once for each distinct piece (`Lexicon`). Everything here works
on a batch of texts at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from framing import words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LETTER = r"[\w\u0300-\u036f]"
PIECE = re.compile(
    r"\s*(?:"
    r"\d+(?:[.,]\d+)+"  # 1,000  3.5
    r"|(?:[^\W\d_]\.){2,}"  # U.S.  p.m.
    rf"|{_LETTER}+(?:['’\-]{_LETTER}+)*"  # so-called  don't
    r"|.)",  # one mark, or the last white space of the text
    re.DOTALL,
)
_LINE_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

WORD_LIMIT = 64
"""Characters of a word that are looked at; longer ones are no words."""


class Flag(IntFlag):
    """What a token is, as far as it can be told without its context."""

    SPACE = 1 << 0
    LINE = 1 << 1
    WORD = 1 << 2
    UPPER = 1 << 3
    LOWER = 1 << 4
    CAPITALS = 1 << 5
    DIGIT = 1 << 6
    STOP = 1 << 7
    DOTTED = 1 << 8
    ABBREVIATION = 1 << 9
    STARTER = 1 << 10
    OPEN_QUOTE = 1 << 11
    CLOSE_QUOTE = 1 << 12
    STRAIGHT_QUOTE = 1 << 13
    OPEN_SINGLE = 1 << 14
    CLOSE_SINGLE = 1 << 15
    STRAIGHT_SINGLE = 1 << 16
    OPEN_BRACKET = 1 << 17
    CLOSE_BRACKET = 1 << 18
    BREAK = 1 << 19
    CLAUSE_WORD = 1 << 20
    REPORT = 1 << 21
    COLON = 1 << 22
    TONE = 1 << 23  # question or exclamation mark
    DASH = 1 << 24
    AT = 1 << 25
    SPEECH = 1 << 26  # goes with direct speech, after it or before it
    TRAILS = 1 << 27  # an apostrophe may end it: the boys', goin'
    CLIPPED = 1 << 28  # an apostrophe may begin it: 'em, '90s


DOUBLE_QUOTES = Flag.OPEN_QUOTE | Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE
SINGLE_QUOTES = Flag.OPEN_SINGLE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
QUOTES = DOUBLE_QUOTES | SINGLE_QUOTES
_CLOSING_QUOTES = Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
_NAME = 5
"""Tokens that a speaker's name and title may take."""

_MARKS: dict[str, Flag] = {
    **dict.fromkeys(".…", Flag.STOP),
    **dict.fromkeys("!?", Flag.STOP | Flag.TONE),
    **dict.fromkeys("“«„‟", Flag.OPEN_QUOTE),
    **dict.fromkeys("”»", Flag.CLOSE_QUOTE),
    '"': Flag.STRAIGHT_QUOTE,
    **dict.fromkeys("‘‚", Flag.OPEN_SINGLE),
    "’": Flag.CLOSE_SINGLE,
    **dict.fromkeys("'`", Flag.STRAIGHT_SINGLE),
    **dict.fromkeys("([{", Flag.OPEN_BRACKET | Flag.BREAK),
    **dict.fromkeys(")]}", Flag.CLOSE_BRACKET | Flag.BREAK),
    **dict.fromkeys(",;|•*", Flag.BREAK),
    **dict.fromkeys("–—-", Flag.BREAK | Flag.DASH),
    ":": Flag.BREAK | Flag.COLON,
    "@": Flag.AT,
}
_SPEECH = words.REPORTING | set(
    "began caption captioned concluded continued countered cried demanded excerpt exclaimed "  # noqa: SIM905
    "interjected joked laughed message messages muttered observed pleaded post posted posts "
    "quipped quote read reads remarked screamed shouted sighed tweet tweets whispered wondered "
    "yelled".split()
)
_TRAILING = ("s", "x", "z", "in", "ol")
_CLIPPED = re.compile(r"em|til|tis|twas|n|cause|cuz|bout|\d\ds?")


def describe(piece: str) -> tuple[str, int]:
    """Word of a piece (at most `WORD_LIMIT` characters) and its flags."""
    word = piece.lstrip()
    space = piece[: len(piece) - len(word)]
    flags = Flag.SPACE if space else Flag(0)
    if space and _LINE_BREAK.search(space):
        flags |= Flag.LINE
    word = word[:WORD_LIMIT]
    if not word:
        return "", int(flags)
    first = word[0]
    if not (first.isalnum() or first == "_"):
        return word, int(flags | _MARKS.get(word, Flag(0)))
    flags |= Flag.WORD
    lower = word.lower()
    if first.isdigit():
        flags |= Flag.DIGIT
    elif first.isupper():
        flags |= Flag.UPPER
        if len(word) > 1 and word.isupper():
            flags |= Flag.CAPITALS
        if lower in words.STARTERS:
            flags |= Flag.STARTER
    else:
        flags |= Flag.LOWER
    if word.endswith("."):
        flags |= Flag.DOTTED
    if lower in words.ABBREVIATIONS or (len(word) == 1 and first.isupper() and first != "I"):
        flags |= Flag.ABBREVIATION
    if lower in words.CLAUSE_WORDS:
        flags |= Flag.CLAUSE_WORD
    if lower in words.REPORTING:
        flags |= Flag.REPORT
    return word, int(flags | _spoken(lower))


def _spoken(lower: str) -> Flag:
    """What a word has to do with quotation marks and apostrophes."""
    flags = Flag.SPEECH if lower in _SPEECH else Flag(0)
    if lower.endswith(_TRAILING):
        flags |= Flag.TRAILS
    if _CLIPPED.fullmatch(lower):
        flags |= Flag.CLIPPED
    return flags


class Lexicon(dict[str, int]):
    """Every distinct piece seen so far: its row, word, lengths and flags.

    `lexicon[piece]` gives the piece's row and adds the piece if it is new;
    `grow` then brings the arrays up to date.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._pieces: list[str] = []
        self._columns: NDArray[np.int32] = np.zeros((1024, 3), np.int32)

    def __missing__(self, piece: str) -> int:
        row = self[piece] = len(self._pieces)
        self._pieces.append(piece)
        return row

    def grow(self) -> None:
        """Describe the pieces that came since the last call."""
        known, total = len(self.words), len(self._pieces)
        if total > len(self._columns):
            wider = np.zeros((max(total, 2 * len(self._columns)), 3), np.int32)
            wider[:known] = self._columns[:known]
            self._columns = wider
        for row in range(known, total):
            piece = self._pieces[row]
            word, flags = describe(piece)
            self.words.append(word)
            self._columns[row] = len(piece), len(piece) - len(piece.lstrip()), flags

    @property
    def lengths(self) -> NDArray[np.int32]:
        """Characters of each piece, shape (n_pieces,)."""
        return self._columns[: len(self.words), 0]

    @property
    def leads(self) -> NDArray[np.int32]:
        """Characters of white space before each word, shape (n_pieces,)."""
        return self._columns[: len(self.words), 1]

    @property
    def flags(self) -> NDArray[np.int32]:
        """`Flag` bits of each piece, shape (n_pieces,)."""
        return self._columns[: len(self.words), 2]

    def reset(self) -> None:
        """Forget every piece."""
        self.clear()
        self.words, self._pieces = [], []


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Texts as arrays over their n tokens.

    Attributes
    ----------
    row : array of int64, shape (n,)
        Row of the token's piece in the lexicon.
    start, end : array of int64, shape (n,)
        Code points of the token in its own text, half-open.
    flags : array of int32, shape (n,)
        `Flag` bits.
    document, sentence, line : array of int64, shape (n,)
        Number of the document, sentence and line, counted over the batch.
    document_start, sentence_start, line_start : array of int64
        First token of each, and n at the end: shape (number + 1,).
    """

    texts: Sequence[str]
    row: Ints
    start: Ints
    end: Ints
    flags: NDArray[np.int32]
    document: Ints
    sentence: Ints
    line: Ints
    document_start: Ints
    sentence_start: Ints
    line_start: Ints

    def __len__(self) -> int:
        return len(self.row)

    def has(self, flag: Flag) -> Bools:
        """Tokens that carry any of the flags, shape (n,)."""
        return (self.flags & int(flag)) != 0


def read(texts: Sequence[str], lexicon: Lexicon) -> Batch:
    """Split texts into tokens, sentences and lines.

    Parameters
    ----------
    texts : sequence of str
    lexicon : Lexicon
        Grows by the pieces that it had not met.

    Returns
    -------
    Batch
    """
    pieces = [PIECE.findall(text.rstrip()) for text in texts]  # no token of white space alone
    counts = np.fromiter(map(len, pieces), np.int64, len(pieces))
    total = int(counts.sum())
    row = np.fromiter(map(lexicon.__getitem__, chain.from_iterable(pieces)), np.int64, total)
    lexicon.grow()
    document_start = np.concatenate(([0], np.cumsum(counts)))
    document = np.repeat(np.arange(len(counts)), counts)
    length = lexicon.lengths[row].astype(np.int64)
    reached = np.concatenate(([0], np.cumsum(length)))
    begin = reached[:-1] - reached[document_start[:-1]].repeat(counts)
    flags = lexicon.flags[row]
    first = np.zeros(total, bool)
    first[document_start[:-1][counts > 0]] = True
    new_line = first | ((flags & int(Flag.LINE)) != 0)
    new_sentence = new_line | _sentence_starts(flags, new_line)
    return Batch(
        texts=texts,
        row=row,
        start=begin + lexicon.leads[row],
        end=begin + length,
        flags=flags,
        document=document,
        sentence=np.cumsum(new_sentence) - 1,
        line=np.cumsum(new_line) - 1,
        document_start=document_start,
        sentence_start=_starts(new_sentence),
        line_start=_starts(new_line),
    )


def _starts(new: Bools) -> Ints:
    return np.concatenate((np.flatnonzero(new), [len(new)]))


def _sentence_starts(flags: NDArray[np.int32], new_line: Bools) -> Bools:
    """Tokens that begin a sentence by what stands before them in their line.

    A full stop, question or exclamation mark (with the quotation marks and
    brackets that close after it) ends a sentence where white space and no
    lower-case letter follow, unless it belongs to an abbreviation, or who said
    the quotation that it ends is told after it.
    """
    n = len(flags)
    if n == 0:
        return np.zeros(0, bool)
    spaced = (flags & int(Flag.SPACE)) != 0
    closer = ((flags & int(_CLOSING_QUOTES | Flag.CLOSE_BRACKET)) != 0) & ~spaced
    last = np.maximum.accumulate(np.where(closer, 0, np.arange(n)))
    before = np.concatenate(([0], last[:-1]))  # last token before i that is no closer
    stop = (flags[before] & int(Flag.STOP)) != 0
    dotted = (flags[before] & int(Flag.DOTTED)) != 0
    two_before = np.maximum(before - 1, 0)
    abbreviated = stop & ~spaced[before] & ((flags[two_before] & int(Flag.ABBREVIATION)) != 0)
    starter = (flags & int(Flag.STARTER)) != 0
    lower = (flags & int(Flag.LOWER)) != 0
    wordlike = (flags & int(Flag.WORD | Flag.OPEN_BRACKET | QUOTES)) != 0
    ends = (stop & ~abbreviated) | ((dotted | abbreviated) & starter)
    found: Bools = ends & spaced & wordlike & ~lower
    at = np.flatnonzero(found)
    found[at] = ~(_closes(flags, new_line, at) | _names_speaker(flags, new_line, at, before[at]))
    return found


def _closes(flags: NDArray[np.int32], new_line: Bools, at: Ints) -> Bools:
    """Whether a token is a closing mark that white space has cut off: `Why? " he said`."""
    after = np.minimum(at + 1, len(flags) - 1)
    ends = new_line[after] | (after == at)
    goes_on = (flags[after] & int(Flag.SPACE)) != 0
    goes_on &= (flags[after] & int(Flag.LOWER)) != 0
    mark: Bools = (flags[at] & int(_CLOSING_QUOTES)) != 0
    return mark & (ends | goes_on)


def _names_speaker(flags: NDArray[np.int32], new_line: Bools, at: Ints, stop: Ints) -> Bools:
    """Whether a name and a verb of speech follow a quotation: `“Why?” Mary Jones asked`.

    After a full stop they may begin a sentence of their own, so there the verb has to
    be the last word: `“I do.” Jones said.`
    """
    n = len(flags)
    tone = (flags[stop] & int(Flag.TONE)) != 0
    naming = (flags[at - 1] & int(_CLOSING_QUOTES)) != 0
    naming &= (flags[at] & int(Flag.UPPER)) != 0
    naming &= (flags[at] & int(Flag.STARTER)) == 0
    found = np.zeros(len(at), bool)
    for step in range(1, _NAME + 1):
        token = np.minimum(at + step, n - 1)
        naming &= ~new_line[token]
        verb = (flags[token] & int(Flag.SPEECH)) != 0
        verb &= (flags[token] & int(Flag.LOWER)) != 0
        after = np.minimum(token + 1, n - 1)
        final = new_line[after] | ((flags[after] & int(Flag.STOP | Flag.BREAK)) != 0)
        found |= naming & verb & (tone | final)
        naming &= (flags[token] & int(Flag.UPPER | Flag.STOP)) != 0
    return found
