"""What annotated spans say of tokens, sentences and candidates: what is learnt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framing.annotations import AnnotatedDocument
from framing.candidates import Candidates
from framing.features import EDGES
from framing.schema import Label, Schema
from framing.text import Batch, Bools, Ints


def marked_tokens(batch: Batch, documents: Sequence[AnnotatedDocument], schema: Schema) -> Ints:
    """Marks as tokens.

    Returns
    -------
    array of int64, shape (n_marks, 3)
        Label column, first token and one past the last; marks of other labels are left out.
    """
    column = {name: number for number, name in enumerate(schema.names)}
    rows = []
    for number, document in enumerate(documents):
        first, stop = batch.document_start[number : number + 2].tolist()
        starts, ends = batch.start[first:stop], batch.end[first:stop]
        for mark in document.marks:
            if mark.label in column:
                begin = first + int(np.searchsorted(ends, mark.start, "right"))
                end = first + int(np.searchsorted(starts, mark.end, "left"))
                if begin < end:
                    rows.append((column[mark.label], begin, end))
    return np.asarray(rows, np.int64).reshape(-1, 3)


def token_targets(marks: Ints, n_tokens: int, n_labels: int) -> Bools:
    """Tokens inside a mark of each label: shape (n_tokens, n_labels)."""
    targets = np.zeros((n_tokens, n_labels), bool)
    for label, start, end in marks.tolist():
        targets[start:end, label] = True
    return targets


def edge_targets(marks: Ints, n_tokens: int, labels: Sequence[Label]) -> Bools:
    """What `features.EDGES` name: shape (n_tokens, 5); inserts and quotations have no edges."""
    targets = np.zeros((n_tokens, len(EDGES)), bool)
    for label, start, end in marks.tolist():
        unit = "" if labels[label].quotation else labels[label].unit
        if unit in ("clause", "phrase"):
            first = EDGES.index(f"{unit} begins")
            targets[start, first] = targets[end - 1, first + 1] = True
        if unit != "insert":
            targets[start:end, -1] = True
    return targets


def sentence_targets(marks: Ints, batch: Batch, n_labels: int) -> Bools:
    """Sentences that hold a mark of each label: shape (n_sentences, n_labels)."""
    targets = np.zeros((len(batch.sentence_start) - 1, n_labels), bool)
    for label, start, end in marks.tolist():
        targets[batch.sentence[start] : batch.sentence[end - 1] + 1, label] = True
    return targets


def candidate_targets(
    candidates: Candidates, marks: Ints, inserts: Bools, n_tokens: int
) -> NDArray[np.float64]:
    """How well each candidate fits a mark of its label: shape (m,).

    Its best intersection over union with a mark, in tokens; for an insert, the share
    of the candidate that is marked.
    """
    best = np.zeros(len(candidates))
    for label in range(len(inserts)):
        mine = np.flatnonzero(candidates.label == label)
        own = marks[marks[:, 0] == label]
        if len(mine) == 0 or len(own) == 0:
            continue
        inside = np.zeros(n_tokens + 1, np.int64)
        inside[own[:, 1]] += 1
        inside[own[:, 2]] -= 1
        covered = np.concatenate(([0], np.cumsum(np.cumsum(inside)[:-1])))
        start, end = candidates.start[mine], candidates.end[mine]
        if inserts[label]:
            best[mine] = (covered[end] - covered[start]) / (end - start)
        else:
            best[mine] = _best_iou(start, end, own[np.argsort(own[:, 1])])
    return best


def _best_iou(start: Ints, end: Ints, marks: Ints) -> NDArray[np.float64]:
    """Best intersection over union with marks that do not overlap each other."""
    best = np.zeros(len(start))
    first = np.searchsorted(marks[:, 2], start, "right")
    for step in range(int(np.max(np.searchsorted(marks[:, 1], end, "left") - first, initial=0))):
        at = np.minimum(first + step, len(marks) - 1)
        shared = np.minimum(end, marks[at, 2]) - np.maximum(start, marks[at, 1])
        union = np.maximum(end, marks[at, 2]) - np.minimum(start, marks[at, 1])
        best = np.maximum(best, np.where(shared > 0, shared / union, 0.0))
    return best
