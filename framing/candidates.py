"""Candidate spans: where a device may begin and end.

The linear scores propose: runs of tokens above several levels, runs of clause
segments, whole sentences, and quotations, by the unit of the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.lexical import Floats
from framing.linear import Evidence
from framing.schema import Label
from framing.text import QUOTES, Batch, Bools, Flag, Ints
from framing.voice import SHORT, Voice

N_LEVELS = 3
_BRIDGE = 2
"""Tokens below the level that a clause may bridge."""
_MOST = 160
"""Tokens of the longest phrase or clause."""
_LOOSE = Flag.BREAK | Flag.STOP
_ALONE = _LOOSE | QUOTES | Flag.CURRENCY
_NUMBER = int(Flag.DIGIT)
_GLUED = _NUMBER | int(Flag.SPACE)
_TRIES = 3
"""Marks that are taken off either edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Spans that may be devices: m of them, by label and place.

    Attributes
    ----------
    label, start, end : array of int64, shape (m,)
        Column of the label, first token, and one past the last.
    """

    label: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, chosen: Bools | Ints) -> Candidates:
        return Candidates(self.label[chosen], self.start[chosen], self.end[chosen])


def propose(
    batch: Batch,
    voice: Voice,
    evidence: Evidence,
    labels: Sequence[Label],
    levels: NDArray[np.float32],
) -> Candidates:
    """Candidate spans of every label.

    Parameters
    ----------
    batch, voice, evidence
        What was read and scored.
    labels : sequence of Label, length n_labels
    levels : array of float32, shape (n_labels, N_LEVELS)
        Token logits, highest first, that bound the runs; of an insert, sentence logits.

    Returns
    -------
    Candidates
        In order of label and place, each once.
    """
    runs: list[Ints] = []
    whole: list[Ints] = []
    clauses = _Clauses(batch, evidence.tokens)
    for column, label in enumerate(labels):
        if label.quotation:
            whole.append(_rows(column, _short_quotations(voice)))
        elif label.unit == "insert":
            likely = evidence.sentences[:, column] > levels[column, -1]
            whole.append(_rows(column, _sentences(batch, np.flatnonzero(likely))))
        else:
            pairs = clauses.runs(column, levels[column], clause=label.unit == "clause")
            runs += [_rows(column, each) for each in pairs]
    tidy = _tidy(batch, np.concatenate([np.zeros((3, 0), np.int64), *runs], axis=1))
    rows = np.concatenate([tidy, *whole], axis=1)
    return Candidates(*rows[:, np.argsort(rows[0], kind="stable")])


def segment_starts(batch: Batch) -> Bools:
    """Tokens that begin a clause segment: after a break mark, at a joining word, (n,)."""
    starts = batch.has(Flag.CLAUSE_WORD)
    starts[batch.sentence_start[:-1]] = True
    starts[1:] |= batch.has(Flag.BREAK)[:-1]
    return starts


def _rows(column: int, pairs: tuple[Ints, Ints]) -> Ints:
    """Label column, first token and one past the last: shape (3, m)."""
    return np.stack((np.full(len(pairs[0]), column), *pairs))


def _short_quotations(voice: Voice) -> tuple[Ints, Ints]:
    short = voice.marked & (voice.end - voice.start <= SHORT + 2)
    return voice.start[short], voice.end[short]


def _sentences(batch: Batch, which: Ints) -> tuple[Ints, Ints]:
    return batch.sentence_start[which], batch.sentence_start[which + 1]


class _Clauses:
    """Runs of likely tokens, of likely segments, and the sentences of likely tokens."""

    def __init__(self, batch: Batch, logits: Floats) -> None:
        self.batch = batch
        self.edges = np.flatnonzero(np.append(segment_starts(batch), True))
        self.owner = batch.sentence[self.edges[:-1]]
        self.logits = np.ascontiguousarray(logits.T)  # (n_labels, n)

    def runs(
        self, column: int, levels: NDArray[np.float32], *, clause: bool
    ) -> list[tuple[Ints, Ints]]:
        """First tokens, and ones past the last, of what one label proposes."""
        logits, batch = self.logits[column], self.batch
        likely = np.flatnonzero(logits > levels[-1])
        if not len(likely):
            return []
        scores = logits[likely]
        found = []
        for level in levels:
            above = likely[scores > level]
            found.append(_join(above, batch.sentence, _BRIDGE if clause else 0))
        if clause:
            means = np.add.reduceat(logits, self.edges[:-1]) / np.diff(self.edges)
            for level in levels:
                first, stop = _join(np.flatnonzero(means > level), self.owner, 0)
                found.append((self.edges[first], self.edges[stop]))
            found.append(_sentences(batch, _distinct(batch.sentence[likely])))
        return found


def _distinct(ordered: Ints) -> Ints:
    """Numbers that stand in order, each once."""
    return ordered[np.append(True, np.diff(ordered) != 0)[: len(ordered)]]


def _join(items: Ints, sentence: Ints, bridge: int) -> tuple[Ints, Ints]:
    """Runs of items of one sentence with gaps of at most `bridge`: firsts, and ones past."""
    if not len(items):
        return items, items
    apart = (np.diff(items) > bridge + 1) | (np.diff(sentence[items]) != 0)
    cut = np.flatnonzero(apart)
    return items[np.append(0, cut + 1)], items[np.append(cut, len(items) - 1)] + 1


def _tidy(batch: Batch, rows: Ints) -> Ints:
    """Spans without marks at their edges, each once, none too long: shape (3, m)."""
    label, start, end = rows[0], rows[1].copy(), rows[2].copy()
    loose = batch.has(_LOOSE)
    loose_first = (loose | batch.has(Flag.CLOSE_QUOTE)) & ~batch.has(Flag.OPEN_BRACKET)
    loose_last = (loose | batch.has(Flag.OPEN_QUOTE)) & ~batch.has(Flag.CLOSE_BRACKET)
    loose_last[_before_numbers(batch)] = True
    for _ in range(_TRIES):
        start += loose_first[start] & (start < end - 1)
        end -= loose_last[end - 1] & (start < end - 1)
    length = end - start
    alone = batch.has(_ALONE)[start] & (length == 1)
    keep = (length <= _MOST) & ~alone
    width = _MOST + 1
    keys = np.unique((label[keep] * len(batch) + start[keep]) * width + length[keep])
    place, length = np.divmod(keys, width)
    label, start = np.divmod(place, max(len(batch), 1))
    return np.stack((label, start, start + length))


def _before_numbers(batch: Batch) -> Ints:
    """Currency signs that a number follows without white space."""
    at = np.flatnonzero(batch.has(Flag.CURRENCY)[:-1])
    glued = batch.flags[at + 1] & _GLUED == _NUMBER
    return at[glued & (batch.line[at] == batch.line[at + 1])]
