"""What a candidate span looks like: dense rows for the models that weigh it.

The basic columns are cheap and enough for a logistic model; the others are worked out
for the candidates that boosting is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framing.candidates import Candidates, segment_starts
from framing.features import EDGES
from framing.lexical import Floats
from framing.linear import Evidence
from framing.pieces import Flag
from framing.schema import Label
from framing.text import Batch, Bools, Ints
from framing.voice import Voice

Doubles = NDArray[np.float64]

LOGITS = (-8.0, 8.0)
"""Logits are clipped to this range before they become features."""
BASIC = (
    "label",
    "mean",
    "first",
    "last",
    "before",
    "after",
    "sentence",
    "sentence before",
    "sentence after",
    "tokens",
    "share of sentence",
    "from start",
    "to end",
    "begins segment",
    "ends segment",
    "reported before",
    "quoted share",
    "sentence tokens",
)
"""Columns of `basic_features`."""
_WIDE = (
    "highest",
    "lowest",
    "contrast",
    "sentence highest",
    "reported after",
    "line kind",
    "bracket",
    "later in line",
    "capitals",
    "upper",
    "digits",
    "any label",
    "sentences around",
    "any around",
    "rest of sentence",
    "two before",
    "two after",
    "line kind before",
    "line kind after",
    "later mark",
    "leading mark",
    "begins here",
    "ends here",
    "begins after",
    "ends before",
    "any label inside",
)
_REACH = 5
"""Sentences on either side that tell what kind of passage it is."""
_MARKS = Flag.STOP | Flag.OPEN_QUOTE | Flag.CLOSE_QUOTE | Flag.OPEN_BRACKET | Flag.BREAK


def feature_names(labels: Sequence[Label]) -> list[str]:
    """Names of the basic columns, those of `wide_features`, and the gate's logit."""
    several = [f"{kind}: {label.name}" for kind in ("mean", "sentence") for label in labels]
    return [*BASIC, *_WIDE, *several, "gate"]


def basic_features(
    batch: Batch, voice: Voice, evidence: Evidence, candidates: Candidates
) -> Floats:
    """Features that a logistic model weighs: shape (m, len(BASIC)), the label's column first."""
    label, start, end = candidates.label, candidates.start, candidates.end
    own = np.zeros(evidence.tokens.size + 1)  # label by label; an end may be one past the last
    np.clip(evidence.tokens.T.ravel(), *LOGITS, out=own[:-1])
    offset, length = label * len(batch), end - start
    sentence = batch.sentence[start]
    first, stop = batch.sentence_start[sentence], batch.sentence_start[sentence + 1]
    sentences = np.clip(evidence.sentences, *LOGITS)
    segments = np.append(segment_starts(batch), True)
    ends = segments[1:] | np.append(batch.has(Flag.BREAK | Flag.STOP)[1:], True)
    columns = (
        label,
        np.add.reduceat(own, np.column_stack((offset + start, offset + end)).ravel())[::2] / length,
        own[offset + start],
        own[offset + end - 1],
        np.where(start > first, own[offset + np.maximum(start - 1, 0)], LOGITS[0]),
        np.where(end < stop, own[offset + np.minimum(end, len(batch) - 1)], LOGITS[0]),
        sentences[sentence, label],
        *(_neighbour(batch, sentences, sentence, label, step) for step in (-1, 1)),
        np.log(length),
        length / (stop - first),
        start - first,
        stop - end,
        segments[start],
        ends[end - 1],
        evidence.places[0][start] & 1,
        _share_of(voice.quoted, candidates),
        np.log(stop - first),
    )
    return _table(columns, len(candidates))


def wide_features(
    batch: Batch,
    evidence: Evidence,
    candidates: Candidates,
    basic: Floats,
    labels: Sequence[Label],
) -> Floats:
    """The other features: shape (m, len(feature_names) - len(BASIC) - 1).

    Parameters
    ----------
    batch, evidence, candidates
    basic : array of float32, shape (m, len(BASIC))
        The basic features of the same candidates.
    labels : sequence of Label, length n_labels
    """
    label, start, end = candidates.label, candidates.start, candidates.end
    logits = np.clip(evidence.tokens, *LOGITS)
    sentences = np.clip(evidence.sentences, *LOGITS)
    sums = _running(logits)
    means = ((sums[:, end] - sums[:, start]) / (end - start)).T.astype(np.float32)
    highest, lowest = _extremes(logits, candidates)
    sentence = batch.sentence[start]
    first, stop = batch.sentence_start[sentence], batch.sentence_start[sentence + 1]
    peak = np.maximum.reduceat(logits, batch.sentence_start[:-1], axis=0) if len(batch) else logits
    best = sentences.max(1, initial=LOGITS[0])
    around = _around(batch, np.column_stack((sentences, best)))
    places = evidence.places
    marks = batch.flags & int(_MARKS)
    mean, before, after = (basic[:, BASIC.index(name)] for name in ("mean", "before", "after"))
    columns = (
        highest,
        lowest,
        mean - np.maximum(before, after),
        peak[sentence, label],
        places[0][end - 1] >> 1,
        places[3][start],
        places[4][start],
        places[6][start],
        *(
            _share_of(batch.has(flag), candidates)
            for flag in (Flag.CAPITALS, Flag.UPPER, Flag.DIGIT)
        ),
        best[sentence],
        around[sentence, label],
        around[sentence, -1],
        _rest(batch, sums, candidates, means),
        *(_neighbour(batch, sentences, sentence, label, step) for step in (-2, 2)),
        *(_near_kind(batch, places[3], sentence, step) for step in (-1, 1)),
        np.where(end < stop, marks[np.minimum(end, len(batch) - 1)], 0),
        np.where(start > first, marks[np.maximum(start - 1, 0)], 0),
        *_edges(batch, evidence, candidates, labels),
    )
    return np.hstack((_table(columns, len(candidates)), means, sentences[sentence]))


def _edges(
    batch: Batch, evidence: Evidence, candidates: Candidates, labels: Sequence[Label]
) -> tuple[Floats, ...]:
    """How surely a span begins and ends at the edges of a candidate, and is inside: (m,) each."""
    if evidence.edges is None:
        return (np.zeros(len(candidates), np.float32),) * len(EDGES)
    by_kind = np.clip(evidence.edges.T, *LOGITS, order="C")
    phrase = np.array([each.unit == "phrase" for each in labels], bool)
    begins = np.where(phrase, EDGES.index("phrase begins"), EDGES.index("clause begins"))
    kind, start, end = begins[candidates.label], candidates.start, candidates.end
    first, stop = (batch.sentence_start[batch.sentence[start] + step] for step in (0, 1))
    after, before = np.minimum(end, len(batch) - 1), np.maximum(start - 1, 0)
    sums = np.concatenate(([0.0], np.cumsum(by_kind[-1], dtype=np.float64)))
    return (
        by_kind[kind, start],
        by_kind[kind + 1, end - 1],
        np.where(end < stop, by_kind[kind, after], LOGITS[0]),
        np.where(start > first, by_kind[kind + 1, before], LOGITS[0]),
        (sums[end] - sums[start]) / (end - start),
    )


def _table(columns: Sequence[NDArray[np.generic]], n: int) -> Floats:
    """Columns side by side as float32: shape (n, n_columns)."""
    table = np.empty((n, len(columns)), np.float32)
    for number, column in enumerate(columns):
        table[:, number] = column
    return table


def _running(values: Floats) -> Doubles:
    """Sums over the rows before each, and over all at the end: (n, k) to (k, n + 1)."""
    total = np.zeros((values.shape[1], len(values) + 1))
    for column, sums in zip(values.T, total, strict=True):  # thrice as quick as all at once
        np.cumsum(column, dtype=np.float64, out=sums[1:])
    return total


def _extremes(logits: Floats, candidates: Candidates) -> tuple[Floats, Floats]:
    """Highest and lowest logit of the label over the tokens of each candidate: (m,)."""
    length = candidates.end - candidates.start
    offsets = np.cumsum(length) - length
    tokens = np.arange(int(length.sum())) + np.repeat(candidates.start - offsets, length)
    values = logits.ravel()[tokens * logits.shape[1] + np.repeat(candidates.label, length)]
    if not len(length):
        return values, values
    return np.maximum.reduceat(values, offsets), np.minimum.reduceat(values, offsets)


def _neighbour(batch: Batch, scores: Floats, sentence: Ints, label: Ints, step: int) -> Floats:
    """Score of the label in the sentence `step` away in the same document, else the lowest."""
    other = np.clip(sentence + step, 0, max(len(scores) - 1, 0))
    documents = batch.document[batch.sentence_start[:-1]]
    same = (documents[other] == documents[sentence]) & (other == sentence + step)
    found = scores.ravel().take(other * scores.shape[1] + label)
    return np.where(same, found, np.float32(LOGITS[0]))


def _around(batch: Batch, scores: Floats) -> Doubles:
    """Mean of scores over the sentences within reach in the same document: (s, k)."""
    documents = batch.document[batch.sentence_start[:-1]]
    index = np.arange(len(scores))
    low = np.maximum(index - _REACH, np.searchsorted(documents, documents, "left"))
    high = np.minimum(index + _REACH + 1, np.searchsorted(documents, documents, "right"))
    total = _running(scores)
    return ((total[:, high] - total[:, low]) / (high - low)).T


def _rest(batch: Batch, sums: Doubles, candidates: Candidates, means: Floats) -> Doubles:
    """Mean logit of the label over the sentence without the candidate: (m,)."""
    sentence, label = batch.sentence[candidates.start], candidates.label
    first, stop = batch.sentence_start[sentence], batch.sentence_start[sentence + 1]
    length = candidates.end - candidates.start
    inside = means[np.arange(len(label)), label] * length
    others = stop - first - length
    return (sums[label, stop] - sums[label, first] - inside) / np.maximum(others, 1)


def _near_kind(batch: Batch, kinds: Ints, sentence: Ints, step: int) -> Ints:
    """Line kind of the sentence `step` away in the same document, else -1."""
    first = batch.sentence_start[:-1]
    other = np.clip(sentence + step, 0, max(len(first) - 1, 0))
    same = batch.document[first[other]] == batch.document[first[sentence]]
    return np.where(same & (other == sentence + step), kinds[first[other]], -1)


def _share_of(mask: Bools, candidates: Candidates) -> Doubles:
    """Share of each candidate's tokens that are in a mask: (m,)."""
    total = np.concatenate(([0], np.cumsum(mask)))
    start, end = candidates.start, candidates.end
    return (total[end] - total[start]) / (end - start)
