"""From scored candidates to spans: the best first, none overlapping its own label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framing.candidates import Candidates
from framing.schema import Label
from framing.text import Batch, Bools, Ints
from framing.voice import Voice


def reportable(voice: Voice, candidates: Candidates, labels: Sequence[Label]) -> Bools:
    """Candidates that are the article's own words: shape (m,).

    More than half of a clause or phrase must stand outside quotation marks; an insert
    and a label that is itself made of quotation marks may stand anywhere; and all may,
    where quoted words count.
    """
    if voice.counted:
        return np.ones(len(candidates), bool)
    total = np.concatenate(([0], np.cumsum(voice.quoted)))
    inside = total[candidates.end] - total[candidates.start]
    own = 2 * inside < candidates.end - candidates.start
    free = np.array([label.quotation or label.unit == "insert" for label in labels])
    reported: Bools = own | free[candidates.label]
    return reported


def select(
    batch: Batch,
    candidates: Candidates,
    scores: NDArray[np.float64],
    labels: Sequence[Label],
    thresholds: NDArray[np.float64],
) -> tuple[Ints, NDArray[np.float64]]:
    """Choose spans greedily by score.

    Parameters
    ----------
    batch : Batch
    candidates : Candidates
        m of them.
    scores : array of float64, shape (m,)
    labels : sequence of Label, length n_labels
    thresholds : array of float64, shape (n_labels,)
        Least score of a span.

    Returns
    -------
    rows : array of int64, shape (k, 3)
        Label column, first token and one past the last, in text order.
    scores : array of float64, shape (k,)
    """
    likely = np.flatnonzero(scores >= thresholds[candidates.label])
    order = likely[
        np.lexsort((candidates.start[likely], -scores[likely], candidates.label[likely]))
    ]
    taken: list[int] = []
    busy = [bytearray(len(batch)) for _ in labels]  # tokens of each label that are taken
    for index, label, start, end in zip(
        order.tolist(),
        candidates.label[order].tolist(),
        candidates.start[order].tolist(),
        candidates.end[order].tolist(),
        strict=True,
    ):
        if busy[label].find(1, start, end) < 0:
            busy[label][start:end] = b"\1" * (end - start)
            taken.append(index)
    chosen = np.asarray(taken, np.int64)
    rows = np.column_stack((candidates.label, candidates.start, candidates.end))[chosen]
    return _in_order(*_merge_inserts(batch, rows, scores[chosen], labels))


def outside_inserts(
    rows: Ints, scores: NDArray[np.float64], labels: Sequence[Label]
) -> tuple[Ints, NDArray[np.float64]]:
    """Spans without those that share a token with an insert: it is no part of the story.

    Parameters
    ----------
    rows : array of int64, shape (k, 3)
        Label column, first token and one past the last.
    scores : array of float64, shape (k,)
    labels : sequence of Label
    """
    insert = np.array([label.unit == "insert" for label in labels])[rows[:, 0]]
    first, stop = rows[insert, 1], rows[insert, 2]
    order = np.argsort(first)
    reached = np.concatenate(([0], np.maximum.accumulate(stop[order])))
    touched = reached[np.searchsorted(first[order], rows[:, 2])] > rows[:, 1]
    keep = insert | ~touched
    return rows[keep], scores[keep]


def _in_order(rows: Ints, scores: NDArray[np.float64]) -> tuple[Ints, NDArray[np.float64]]:
    order = np.lexsort((rows[:, 0], rows[:, 2], rows[:, 1]))
    return rows[order], scores[order]


def _merge_inserts(
    batch: Batch, rows: Ints, scores: NDArray[np.float64], labels: Sequence[Label]
) -> tuple[Ints, NDArray[np.float64]]:
    """Join inserts that follow each other directly in one document; the surest gives the score."""
    insert = np.array([label.unit == "insert" for label in labels])[rows[:, 0]]
    if not insert.any():
        return rows, scores
    mine = np.flatnonzero(insert)
    mine = mine[np.lexsort((rows[mine, 1], rows[mine, 0]))]
    label, start, end = rows[mine].T
    joins = (label[1:] == label[:-1]) & (start[1:] == end[:-1])
    joins &= batch.document[start[1:]] == batch.document[start[:-1]]
    first = np.flatnonzero(np.append(True, ~joins))
    last = np.append(first[1:], len(mine)) - 1
    merged = np.column_stack((label[first], start[first], end[last]))
    best = np.maximum.reduceat(scores[mine], first)
    return np.vstack((rows[~insert], merged)), np.append(scores[~insert], best)
