"""Pieces of a text, and what each is whatever stands around it.

A piece is white space, then one word or mark. Pieces tile the text, so their lengths
give every offset, and whatever depends on the words alone is looked up once for each
distinct piece (`Lexicon`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from framing import words
from framing.cues import roles
from framing.stretches import Ints, Stretches

_LETTER = r"[\w\u0300-\u036f]"
PIECE = re.compile(
    r"\s*(?:"
    r"[A-Za-z]++(?![\w\u0300-\u036f'’\-]|\.\w)"  # most words, as below but quicker
    r"|\d+(?:[.,]\d+)+"  # 1,000  3.5
    r"|(?:[^\W\d_]\.){2,}"  # U.S.  p.m.
    rf"|{_LETTER}+(?:['’\-]{_LETTER}+)*"  # so-called  don't
    r"|.)",  # one mark, or the last white space of the text
    re.DOTALL,
)
_LINE_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_WIDTH = ("\ufeff", "\u2060")  # the byte order mark, and what Unicode has for it inside a text

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
    POST = 1 << 29  # speaks of what somebody posted
    CURRENCY = 1 << 30  # goes with the number after it


DOUBLE_QUOTES = Flag.OPEN_QUOTE | Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE
SINGLE_QUOTES = Flag.OPEN_SINGLE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
QUOTES = DOUBLE_QUOTES | SINGLE_QUOTES
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
    **dict.fromkeys("$£€¥", Flag.CURRENCY),
}
_SPEECH = words.REPORTING | set(
    "began captioned cited cites concluded continued countered cried demanded excerpt exclaimed "  # noqa: SIM905 - as in words
    "interjected joked laughed message messages muttered observed pleaded posted quipped read "
    "reads remarked screamed shouted sighed tweet tweets whispered wondered yelled".split()
)
_CLASSES: tuple[tuple[Flag, Iterable[str]], ...] = (
    (Flag.ABBREVIATION, words.ABBREVIATIONS),
    (Flag.STARTER, words.STARTERS),
    (Flag.CLAUSE_WORD, words.CLAUSE_WORDS),
    (Flag.REPORT, words.REPORTING),
    (Flag.SPEECH, _SPEECH),
    (Flag.POST, ("tweet", "tweets", "tweeted", "tweeting", "post", "posts", "posted")),
    (Flag.CLIPPED, ("em", "til", "tis", "twas", "n", "cause", "cuz", "bout")),
)
_CLIPPED_YEAR = re.compile(r"\d\d(?:['’]?s(?:-.*)?)?")
_TRAILING = ("s", "x", "z", "in", "ol")


def _known() -> dict[str, int]:
    """Flags of every word of a class: one look-up instead of one for each class."""
    known: defaultdict[str, int] = defaultdict(int)
    for flag, members in _CLASSES:
        for word in members:
            known[word] |= int(flag)
    return dict(known)


_KNOWN = _known()
# Plain integers, for arithmetic on flags takes fifty times as long.
_MARK = {mark: int(flag) for mark, flag in _MARKS.items()}
_SPACED, _NEW_LINE = int(Flag.SPACE), int(Flag.SPACE | Flag.LINE)
_LOWER, _UPPER = int(Flag.WORD | Flag.LOWER), int(Flag.WORD | Flag.UPPER)
_CAPITALS, _DIGITS = int(Flag.CAPITALS), int(Flag.WORD | Flag.DIGIT)
_INITIAL, _DOTTED, _STARTER = int(Flag.ABBREVIATION), int(Flag.DOTTED), int(Flag.STARTER)
_TRAILS, _CLIPPED = int(Flag.TRAILS), int(Flag.CLIPPED)


def describe(piece: str) -> tuple[str, int]:
    """Word of a piece (at most `WORD_LIMIT` characters) and its flags."""
    word = piece.lstrip()
    space = piece[: len(piece) - len(word)]
    flags = 0
    if space:
        flags = _NEW_LINE if space != " " and _LINE_BREAK.search(space) else _SPACED
    word = word[:WORD_LIMIT]
    if not word[:1].isalnum() and word[:1] != "_":
        return word, flags | _MARK.get(word, 0)
    return word, flags | _form(word) | _usage(word)


def _form(word: str) -> int:
    """Flags of a word's letters."""
    if word[0].isdigit():
        return _DIGITS | (_CLIPPED if _CLIPPED_YEAR.fullmatch(word) else 0)
    if not word[0].isupper():
        return _LOWER
    if len(word) == 1:
        return _UPPER if word == "I" else _UPPER | _INITIAL
    return _UPPER | _CAPITALS if word.isupper() else _UPPER


def _usage(word: str) -> int:
    """Flags of the classes that a word belongs to, and of its end."""
    lower = word.lower()
    flags = _KNOWN.get(lower, 0)
    if flags & _STARTER and not word[0].isupper():
        flags ^= _STARTER
    if word[-1] == ".":
        flags |= _DOTTED
    return flags | _TRAILS if lower.endswith(_TRAILING) else flags


def _encoded(text: str) -> bytes:
    """UTF-8 of a text, with spaces for what has no width, and none at the end."""
    for mark in _NO_WIDTH:
        text = text.replace(mark, " ")
    return text.rstrip().encode("utf-8", "surrogatepass")


class Lexicon(dict[str, int]):
    """Every distinct piece seen so far: its row, word, lengths and flags.

    `lexicon[piece]` gives the piece's row and adds the piece if it is new;
    `grow` then brings the arrays up to date.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._pieces: list[str] = []
        self._columns: NDArray[np.int32] = np.zeros((1024, 4), np.int32)
        self._stretches = Stretches(self._split)

    def __missing__(self, piece: str) -> int:
        row = self[piece] = len(self._pieces)
        self._pieces.append(piece)
        return row

    def pieces(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Pieces of texts, each as though a space stood before it.

        Returns
        -------
        row : array of int64, shape (n,)
            Row of each piece.
        count : array of int64, shape (n_texts,)
            Pieces of each text.
        """
        found = self._stretches.split([_encoded(text) for text in texts])
        self.grow()
        return found

    def _split(self, stretch: str) -> list[int]:
        """Rows of the pieces of what follows a space."""
        if stretch.isascii() and stretch.isalpha():  # one word, as most are
            return [self[f" {stretch}"]]
        return [self[piece] for piece in PIECE.findall(f" {stretch}")]

    def grow(self) -> None:
        """Describe the pieces that came since the last call."""
        known, total = len(self.words), len(self._pieces)
        if total > len(self._columns):
            wider = np.zeros((max(total, 2 * len(self._columns)), 4), np.int32)
            wider[:known] = self._columns[:known]
            self._columns = wider
        pieces = self._pieces[known:]
        found = [describe(piece) for piece in pieces]
        names = [word for word, _ in found]
        columns = self._columns[known:total]
        columns[:, 0] = [len(piece) for piece in pieces]
        columns[:, 1] = [len(piece) - len(piece.lstrip()) for piece in pieces]
        columns[:, 2] = [flags for _, flags in found]
        columns[:, 3] = [roles(name) for name in names]
        self.words += names

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

    @property
    def roles(self) -> NDArray[np.int32]:
        """`framing.cues.Role` bits of each piece, shape (n_pieces,)."""
        return self._columns[: len(self.words), 3]

    def reset(self, keep: int = 0) -> None:
        """Forget every piece but the first so many: the commonest, as a rule."""
        for piece in self._pieces[keep:]:
            del self[piece]
        del self.words[keep:], self._pieces[keep:]
        self._stretches.reset()
