"""One pass over the text: tokens with offsets, sentences and lines, as arrays.

A token is a *piece* of the text: white space, then one word or mark. Pieces tile
the text, so their lengths give every offset, and whatever depends on the words
alone is looked up once for each distinct piece (`Lexicon`). Everything here works
on a batch of texts at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from framing import words
from framing.cues import roles

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

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
        flags = _NEW_LINE if _LINE_BREAK.search(space) else _SPACED
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


class Lexicon(dict[str, int]):
    """Every distinct piece seen so far: its row, word, lengths and flags.

    `lexicon[piece]` gives the piece's row and adds the piece if it is new;
    `grow` then brings the arrays up to date.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._pieces: list[str] = []
        self._columns: NDArray[np.int32] = np.zeros((1024, 4), np.int32)

    def __missing__(self, piece: str) -> int:
        row = self[piece] = len(self._pieces)
        self._pieces.append(piece)
        return row

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


def split(text: str) -> list[str]:
    """Pieces of a text, none of them white space alone.

    What has no width and no meaning counts as white space; lengths stay as they are.
    """
    for mark in _NO_WIDTH:
        text = text.replace(mark, " ")
    return PIECE.findall(text.rstrip())


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
    rows = [_rows(text, lexicon) for text in texts]
    counts = np.fromiter(map(len, rows), np.int64, len(rows))
    row = np.concatenate([np.zeros(0, np.int64), *rows])
    total = len(row)
    lexicon.grow()
    document_start = np.concatenate(([0], np.cumsum(counts)))
    document = np.repeat(np.arange(len(counts)), counts)
    length = lexicon.lengths[row]
    reached = np.concatenate(([0], np.cumsum(length)))
    begin: Ints = reached[:-1] - reached[document_start[:-1]].repeat(counts)
    flags = lexicon.flags[row]
    first = np.zeros(total, bool)
    first[document_start[:-1][counts > 0]] = True
    new_line = first | ((flags & int(Flag.LINE)) != 0)
    line_start = _starts(new_line)
    sentence_start = _starts(new_line | _sentence_starts(flags, new_line))
    return Batch(
        texts=texts,
        row=row,
        start=begin + lexicon.leads[row],
        end=begin + length,
        flags=flags,
        document=document,
        sentence=np.repeat(np.arange(len(sentence_start) - 1), np.diff(sentence_start)),
        line=np.repeat(np.arange(len(line_start) - 1), np.diff(line_start)),
        document_start=document_start,
        sentence_start=sentence_start,
        line_start=line_start,
    )


def _rows(text: str, lexicon: Lexicon) -> Ints:
    """Row of each piece of a text in the lexicon."""
    pieces = split(text)
    return np.fromiter(map(lexicon.__getitem__, pieces), np.int64, len(pieces))


def _starts(new: Bools) -> Ints:
    return np.concatenate((np.flatnonzero(new), [len(new)]))


_STOP, _TONE, _BREAK, _LINE = int(Flag.STOP), int(Flag.TONE), int(Flag.BREAK), int(Flag.LINE)
_UPPER_CASE, _DIGIT, _QUOTE_MARK = int(Flag.UPPER), int(Flag.DIGIT), int(QUOTES)
_CLOSING_QUOTE = int(
    Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
)
_CLOSER = _CLOSING_QUOTE | int(Flag.CLOSE_BRACKET)
_WORDLIKE = int(Flag.WORD | Flag.OPEN_BRACKET | QUOTES)
_SPACED_LOWER = int(Flag.SPACE | Flag.LOWER)
_SPEECH_VERB = int(Flag.SPEECH | Flag.LOWER)
_CAPITALISED = int(Flag.UPPER | Flag.STARTER)
_NAME = 6
"""Tokens that a speaker's name and title may take."""


def _sentence_starts(flags: NDArray[np.int32], new_line: Bools) -> Bools:
    """Tokens that begin a sentence by what stands before them in their line.

    A full stop, question or exclamation mark (with the quotation marks and
    brackets that close after it) ends a sentence where white space and no
    lower-case letter follow, unless it belongs to an abbreviation or to the number of
    a list, or who said the quotation that it ends is told after it.
    """
    found = np.zeros(len(flags), bool)
    at = np.flatnonzero((flags & _SPACED_LOWER == _SPACED) & (flags & _WORDLIKE != 0))
    closer = (flags & _CLOSER != 0) & (flags & _SPACED == 0) & ~new_line
    # The first token begins a line, so it does not matter that nothing stands before it.
    before = np.maximum.accumulate(np.where(closer, 0, np.arange(len(flags))))[at - 1]
    ends = _ends_sentence(flags, new_line, before, flags[at] & _STARTER != 0)
    at, stop = at[ends], flags[before[ends]]
    found[at] = True
    attributed = (flags[at - 1] & _CLOSING_QUOTE != 0) & (flags[at] & _CAPITALISED == _UPPER_CASE)
    after = np.minimum(at + 1, len(flags) - 1)
    cut_off = (flags[at] & _CLOSING_QUOTE != 0) & ((flags[after] & _SPACED != 0) | new_line[after])
    for token, stopped in zip(at[attributed | cut_off], stop[attributed | cut_off], strict=True):
        window = slice(token, token + _NAME + 3)
        lines = np.where(new_line[window], _NEW_LINE, 0)
        found[token] = not _goes_on(int(stopped), (flags[window] | lines).tolist())
    return found


def _ends_sentence(
    flags: NDArray[np.int32], new_line: Bools, at: Ints, before_starter: Bools
) -> Bools:
    """Whether tokens are stops and neither abbreviations nor numbers of a list."""
    stop, earlier = flags[at], np.maximum(at - 1, 0)
    stopped = stop & _STOP != 0
    word = np.where(new_line[at] | (stop & _SPACED != 0), 0, flags[earlier])  # that it belongs to
    abbreviated = stopped & (word & _INITIAL != 0)
    numbered = stopped & (word & _DIGIT != 0) & new_line[earlier]
    ends: Bools = stopped & ~abbreviated & ~numbered
    return ends | (((stop & _DOTTED != 0) | abbreviated) & before_starter)


def _goes_on(stop: int, flags: list[int]) -> bool:
    """Whether a sentence that a quotation ended goes on.

    `“Why?” Mary Jones asked` goes on, and a closing mark that white space has cut off
    (`Why? " he asked`). After a full stop a name and a verb of speech may begin a
    sentence of their own; there the verb has to be the last word: `“I do.” Jones said.`
    """
    first, *rest = [*flags, *[_NEW_LINE] * (_NAME + 3 - len(flags))]
    if first & _CLOSING_QUOTE:
        return bool(rest[0] & _LINE or rest[0] & _SPACED_LOWER == _SPACED_LOWER)
    for token, after, beyond in zip(rest, rest[1:], rest[2:], strict=False):
        if token & _SPEECH_VERB == _SPEECH_VERB and not token & _LINE:
            introduces = after & _BREAK and beyond & _QUOTE_MARK  # the next quotation
            return bool(after & (_LINE | _STOP) or (stop & _TONE and not introduces))
        if token & _LINE or not token & (_UPPER_CASE | _STOP):
            break
    return False
