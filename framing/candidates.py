"""Candidate spans: where a device may begin and end.

The linear scores propose: runs of tokens above several levels, runs of clause
segments, whole sentences, and quotations, by the unit of the label. Where the model
weighs edges, runs and sentences move to the surest ones close by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.features import EDGES
from framing.lexical import Floats
from framing.linear import Evidence
from framing.pieces import QUOTES, Flag
from framing.schema import Label
from framing.text import Batch, Bools, Ints
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
_SHIFT = 3
"""Tokens that an edge may move to where a span more surely begins or ends."""
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
    kinds = np.array(["quotation" if label.quotation else label.unit for label in labels])
    quotations = np.flatnonzero(kinds == "quotation").tolist()
    whole = [_rows(column, _short_quotations(voice)) for column in quotations]
    for column in np.flatnonzero(kinds == "insert").tolist():
        likely = evidence.sentences[:, column] > levels[column, -1]
        whole.append(_rows(column, _sentences(batch, np.flatnonzero(likely))))
    columns = np.flatnonzero((kinds == "phrase") | (kinds == "clause"))
    runs = _tidy(batch, _runs(batch, evidence.tokens, levels, columns, kinds[columns] == "clause"))
    if evidence.edges is not None:
        runs = _tidy(batch, _at_edges(batch, runs, evidence.edges, kinds == "phrase"))
    rows = np.concatenate([runs, *whole], axis=1)
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


def _runs(batch: Batch, logits: Floats, levels: Floats, columns: Ints, clause: Bools) -> Ints:
    """What the labels of some columns propose, all at once: shape (3, m).

    Runs of likely tokens; where `clause` holds, runs of likely segments and the sentences
    of likely tokens too.
    """
    if not len(columns) or not len(batch):
        return np.zeros((3, 0), np.int64)
    by_label, clauses = logits.T[columns], columns[clause]
    tokens = _Likely(by_label, levels[columns], batch.sentence)
    label, first, last = tokens.runs(np.where(clause, _BRIDGE, 0))
    runs = columns[label], first, last + 1
    edges = np.flatnonzero(np.append(segment_starts(batch), True))
    means = np.add.reduceat(by_label[clause], edges[:-1], axis=1) / np.diff(edges)
    segments = _Likely(means, levels[clauses], batch.sentence[edges[:-1]])
    label, first, last = segments.runs(np.zeros_like(clauses))
    segmented = clauses[label], edges[first], edges[last + 1]
    label, sentence = tokens.sentences(clause)
    whole = columns[label], batch.sentence_start[sentence], batch.sentence_start[sentence + 1]
    return np.concatenate((runs, segmented, whole), axis=1)


class _Likely:
    """Items that score above the lowest level of a label, one label after another.

    Parameters
    ----------
    scores : array, shape (k, n_items)
    levels : array, shape (k, n_levels)
    sentence : array of int64, shape (n_items,)
    """

    def __init__(self, scores: NDArray[np.floating], levels: Floats, sentence: Ints) -> None:
        where = np.flatnonzero(scores > levels[:, -1:])
        self.label, self.item = np.divmod(where, scores.shape[1])
        self.sentence = sentence.take(self.item)
        edge = (np.diff(self.sentence, prepend=0) != 0) | (np.diff(self.label, prepend=0) != 0)
        self.passage = np.cumsum(edge)  # label and sentence taken together, numbered
        self.above = scores.ravel().take(where) > levels.T.take(self.label, axis=1)

    def runs(self, bridge: Ints) -> tuple[Ints, Ints, Ints]:
        """Label, first and last item of runs above any of the levels.

        A label's runs have gaps of at most its `bridge`.
        """
        level, chosen = np.divmod(np.flatnonzero(self.above), len(self.item))
        label, item = self.label.take(chosen), self.item.take(chosen)
        together = self.passage.take(chosen) + level * (len(self.item) + 1)
        edge = np.ones(len(chosen) + 1, bool)
        edge[1:-1] = np.diff(item) > bridge.take(label[1:]) + 1
        edge[1:-1] |= np.diff(together) != 0
        edges = np.flatnonzero(edge)
        first, last = edges[:-1], edges[1:] - 1
        return label[first], item[first], item[last]

    def sentences(self, chosen: Bools) -> tuple[Ints, Ints]:
        """Label and sentence, each pair once, of the labels chosen."""
        first = np.flatnonzero(np.diff(self.passage, prepend=-1))
        first = first[chosen.take(self.label[first])]
        return self.label[first], self.sentence[first]


def _at_edges(batch: Batch, rows: Ints, edges: Floats, phrase: Bools) -> Ints:
    """Spans that begin and end where that is surest, a few tokens away at most: (3, k)."""
    label, start, end = rows
    sentence = batch.sentence[start]
    first, stop = batch.sentence_start[sentence], batch.sentence_start[sentence + 1]
    kind = np.where(phrase, EDGES.index("phrase begins"), EDGES.index("clause begins"))[label]
    end = np.minimum(end, stop)
    start = _surest(edges, kind, start, first, end - 1)
    last = _surest(edges, kind + 1, end - 1, start, stop - 1)
    return np.stack((label, start, last + 1))


def _surest(edges: Floats, kind: Ints, at: Ints, low: Ints, high: Ints) -> Ints:
    """Token within reach of another, and from `low` to `high`, with the highest logit: (m,)."""
    near = at + np.arange(-_SHIFT, _SHIFT + 1)[:, None]
    logits = edges[np.clip(near, 0, max(len(edges) - 1, 0)), kind]
    logits = np.where((near >= low) & (near <= high), logits, -np.inf)
    return at + np.argmax(logits, axis=0) - _SHIFT


def _distinct(ordered: Ints) -> Ints:
    """Numbers that stand in order, each once."""
    return ordered[np.append(True, np.diff(ordered) != 0)[: len(ordered)]]


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
    keys = _distinct(np.sort((label[keep] * len(batch) + start[keep]) * width + length[keep]))
    place, length = np.divmod(keys, width)
    label, start = np.divmod(place, max(len(batch), 1))
    return np.stack((label, start, start + length))


def _before_numbers(batch: Batch) -> Ints:
    """Currency signs that a number follows without white space."""
    at = np.flatnonzero(batch.has(Flag.CURRENCY)[:-1])
    glued = batch.flags[at + 1] & _GLUED == _NUMBER
    return at[glued & (batch.line[at] == batch.line[at + 1])]
