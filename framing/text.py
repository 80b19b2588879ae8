"""One pass over the text: tokens with offsets, sentences and lines, as arrays.

A token is a piece (`framing.pieces`) where it stands. Everything here works on a batch
of texts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.pieces import QUOTES, Flag, Lexicon

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


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
    row, counts = lexicon.pieces(texts)
    document_start = np.concatenate(([0], np.cumsum(counts)))
    document = np.repeat(np.arange(len(counts)), counts)
    first = document_start[:-1][counts > 0]
    length, lead = lexicon.lengths[row], lexicon.leads[row]
    reached = np.concatenate(([0], np.cumsum(length)))
    begin: Ints = reached[:-1] - (reached[document_start[:-1]] + 1).repeat(counts)
    flags = lexicon.flags[row]
    flags[first[lead[first] == 1]] &= ~_SPACED  # it is the space that its text lacks
    new_line = flags & int(Flag.LINE) != 0
    new_line[first] = True
    line_start = _starts(new_line)
    sentence_start = _starts(new_line | _sentence_starts(flags, new_line))
    return Batch(
        texts=texts,
        row=row,
        start=begin + lead,
        end=begin + length,
        flags=flags,
        document=document,
        sentence=np.repeat(np.arange(len(sentence_start) - 1), np.diff(sentence_start)),
        line=np.repeat(np.arange(len(line_start) - 1), np.diff(line_start)),
        document_start=document_start,
        sentence_start=sentence_start,
        line_start=line_start,
    )


def _starts(new: Bools) -> Ints:
    return np.concatenate((np.flatnonzero(new), [len(new)]))


# Plain integers, as in `framing.pieces`.
_SPACED, _NEW_LINE = int(Flag.SPACE), int(Flag.SPACE | Flag.LINE)
_INITIAL, _DOTTED, _STARTER = int(Flag.ABBREVIATION), int(Flag.DOTTED), int(Flag.STARTER)
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
    unsure = at[attributed | cut_off]
    following = unsure[:, None] + np.arange(_NAME + 3)
    lines = np.append(np.where(new_line, flags | _NEW_LINE, flags), [_NEW_LINE] * (_NAME + 3))
    goes_on = map(_goes_on, stop[attributed | cut_off].tolist(), lines[following].tolist())
    found[unsure] = ~np.fromiter(goes_on, bool, len(unsure))
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
    first, *rest = flags
    if first & _CLOSING_QUOTE:
        return bool(rest[0] & _LINE or rest[0] & _SPACED_LOWER == _SPACED_LOWER)
    for token, after, beyond in zip(rest, rest[1:], rest[2:], strict=False):
        if token & _SPEECH_VERB == _SPEECH_VERB and not token & _LINE:
            introduces = after & _BREAK and beyond & _QUOTE_MARK  # the next quotation
            return bool(after & (_LINE | _STOP) or (stop & _TONE and not introduces))
        if token & _LINE or not token & (_UPPER_CASE | _STOP):
            break
    return False
