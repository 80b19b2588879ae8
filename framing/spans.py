"""Candidate spans: where a device may begin and end, and what each looks like.

The linear scores propose: runs of tokens above several levels, runs of clause
segments, whole sentences, and quotations, by the unit of the label. A second model
(`framing.model`) then weighs every candidate by its dense features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.features import Floats
from framing.linear import Evidence
from framing.schema import Label
from framing.text import Batch, Bools, Flag, Ints
from framing.voice import SHORT, Voice

N_LEVELS = 3
_BRIDGE = 2
"""Tokens below the level that a clause may bridge."""
_MOST = 160
"""Tokens of the longest phrase or clause."""


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
    """
    segments = segment_starts(batch)
    found = []
    for column, label in enumerate(labels):
        if label.quotation:
            pairs = _short_quotations(voice)
        elif label.unit == "insert":
            pairs = _likely_sentences(batch, evidence.sentences[:, column], levels[column, -1])
        else:
            pairs = _runs(batch, evidence, column, levels[column], segments, label.unit)
        if len(pairs):
            found.append(np.column_stack((np.full(len(pairs), column), pairs)))
    if not found:
        none = np.zeros(0, np.int64)
        return Candidates(none, none, none)
    rows = np.concatenate(found)
    return Candidates(rows[:, 0], rows[:, 1], rows[:, 2])


def segment_starts(batch: Batch) -> Bools:
    """Tokens that begin a clause segment: after a break mark, at a joining word, (n,)."""
    starts = np.zeros(len(batch), bool)
    starts[batch.sentence_start[:-1]] = True
    breaks = batch.has(Flag.BREAK)
    starts[1:] |= breaks[:-1]
    starts |= batch.has(Flag.CLAUSE_WORD)
    return starts


def _short_quotations(voice: Voice) -> Ints:
    short = voice.marked & (voice.end - voice.start <= SHORT + 2)
    return np.column_stack((voice.start[short], voice.end[short]))


def _likely_sentences(batch: Batch, logits: Floats, level: np.float32) -> Ints:
    which = np.flatnonzero(logits > level)
    return np.column_stack((batch.sentence_start[which], batch.sentence_start[which + 1]))


def _runs(
    batch: Batch,
    evidence: Evidence,
    column: int,
    levels: NDArray[np.float32],
    segments: Bools,
    unit: str,
) -> Ints:
    """Runs of tokens, and for a clause also of segments and sentences: shape (m, 2)."""
    logits = evidence.tokens[:, column]
    likely = np.flatnonzero(logits > levels[-1])
    if len(likely) == 0:
        return np.zeros((0, 2), np.int64)
    found = []
    for level in levels:
        above = likely[logits[likely] > level]
        if len(above):
            found.append(_join(above, batch.sentence, _BRIDGE if unit == "clause" else 0))
    if unit == "clause":
        found += _clauses(batch, logits, likely, levels, segments)
    return _tidy(batch, np.concatenate(found))


def _join(tokens: Ints, sentence: Ints, bridge: int) -> Ints:
    """Runs of tokens of one sentence with gaps of at most `bridge`: shape (m, 2)."""
    apart = (np.diff(tokens) > bridge + 1) | (np.diff(sentence[tokens]) != 0)
    cut = np.flatnonzero(apart)
    first = tokens[np.concatenate(([0], cut + 1))]
    last = tokens[np.concatenate((cut, [len(tokens) - 1]))]
    return np.column_stack((first, last + 1))


def _clauses(
    batch: Batch,
    logits: Floats,
    likely: Ints,
    levels: NDArray[np.float32],
    segments: Bools,
) -> list[Ints]:
    """Runs of likely segments, and the sentences of likely tokens."""
    number = np.cumsum(segments) - 1
    edges = np.concatenate((np.flatnonzero(segments), [len(batch)]))
    touched = np.unique(number[likely])
    spread = _between(edges[touched], edges[touched + 1])
    length = edges[touched + 1] - edges[touched]
    offsets = np.concatenate(([0], np.cumsum(length)[:-1]))
    mean = np.add.reduceat(logits[spread], offsets) / length
    found = []
    for level in levels:
        chosen = touched[mean > level]
        if len(chosen):
            runs = _join(chosen, batch.sentence[edges[:-1]], 0)
            found.append(np.column_stack((edges[runs[:, 0]], edges[runs[:, 1]])))
    sentences = np.unique(batch.sentence[likely])
    whole = (batch.sentence_start[sentences], batch.sentence_start[sentences + 1])
    return [*found, np.column_stack(whole)]


def _between(starts: Ints, ends: Ints) -> Ints:
    """All indices of the ranges [start, end), one range after another."""
    length = ends - starts
    offsets = np.repeat(np.cumsum(length) - length, length)
    return np.arange(int(length.sum())) - offsets + np.repeat(starts, length)


def _tidy(batch: Batch, pairs: Ints) -> Ints:
    """Spans without marks at their edges, each once, none too long."""
    start, end = pairs[:, 0].copy(), pairs[:, 1].copy()
    loose_first = batch.has(Flag.BREAK | Flag.STOP | Flag.CLOSE_QUOTE) & ~batch.has(
        Flag.OPEN_BRACKET
    )
    loose_last = batch.has(Flag.BREAK | Flag.STOP | Flag.OPEN_QUOTE) & ~batch.has(
        Flag.CLOSE_BRACKET
    )
    for _ in range(3):
        start += loose_first[start] & (start < end - 1)
        end -= loose_last[end - 1] & (start < end - 1)
    keep = (end - start <= _MOST) & ~(loose_first[start] & (end - start == 1))
    return np.unique(np.column_stack((start[keep], end[keep])), axis=0)


# --- what a candidate looks like ----------------------------------------------------------

_OWN = (
    "mean",
    "highest",
    "lowest",
    "first",
    "last",
    "before",
    "after",
    "contrast",
    "sentence",
    "sentence before",
    "sentence after",
    "sentence highest",
    "tokens",
    "share of sentence",
    "from start",
    "to end",
    "begins segment",
    "ends segment",
    "reported before",
    "reported after",
    "line kind",
    "bracket",
    "quoted share",
    "later in line",
    "sentence tokens",
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
)


def feature_names(labels: Sequence[Label]) -> list[str]:
    """Names of the columns of `span_features`."""
    several = [f"{kind}: {label.name}" for kind in ("mean", "sentence") for label in labels]
    return ["label", *_OWN, *several]


def span_features(
    batch: Batch, voice: Voice, evidence: Evidence, candidates: Candidates
) -> NDArray[np.float32]:
    """Dense features of candidates.

    Returns
    -------
    array of float32, shape (m, len(feature_names))
        The label's column first; logits are clipped to [-8, 8].
    """
    label, start, end = candidates.label, candidates.start, candidates.end
    logits = np.clip(evidence.tokens, -8, 8)
    n = len(batch)
    sums = np.concatenate((np.zeros((1, logits.shape[1])), np.cumsum(logits, 0, np.float64)))
    length = end - start
    means = ((sums[end] - sums[start]) / length[:, None]).astype(np.float32)
    own = logits.ravel()
    width = logits.shape[1]
    each = _between(start, end)
    offsets = np.cumsum(length) - length
    values = own[each * width + np.repeat(label, length)]
    highest = np.maximum.reduceat(values, offsets) if len(label) else values
    lowest = np.minimum.reduceat(values, offsets) if len(label) else values
    sentence = batch.sentence[start]
    first, stop = batch.sentence_start[sentence], batch.sentence_start[sentence + 1]
    left, right = np.maximum(start - 1, 0), np.minimum(end, n - 1)
    before = np.where(start > first, own[left * width + label], np.float32(-8))
    after = np.where(end < stop, own[right * width + label], np.float32(-8))
    mean = means[np.arange(len(label)), label]
    sentences = np.clip(evidence.sentences, -8, 8)
    near = [_neighbour(batch, sentences, sentence, label, step) for step in (-1, 1)]
    peak = np.maximum.reduceat(logits, batch.sentence_start[:-1], axis=0)
    segments = segment_starts(batch)
    ends_segment = np.append(segments[1:], True)
    share = _share_of(voice.quoted, start, end, length)
    places = evidence.places
    columns = [
        label,
        mean,
        highest,
        lowest,
        own[start * width + label],
        own[(end - 1) * width + label],
        before,
        after,
        mean - np.maximum(before, after),
        sentences[sentence, label],
        *near,
        peak[sentence, label],
        length,
        length / (stop - first),
        start - first,
        stop - end,
        segments[start],
        ends_segment[end - 1] | (end == stop) | batch.has(Flag.BREAK | Flag.STOP)[right],
        places[0][start] & 1,
        places[0][end - 1] >> 1,
        places[3][start],
        places[4][start],
        share,
        places[6][start],
        stop - first,
        _share_of(batch.has(Flag.CAPITALS), start, end, length),
        _share_of(batch.has(Flag.UPPER), start, end, length),
        _share_of(batch.has(Flag.DIGIT), start, end, length),
        sentences.max(1)[sentence],
        _around(batch, sentences)[sentence, label],
        _around(batch, sentences.max(1)[:, None])[sentence, 0],
        _rest(batch, logits, candidates, means),
        *[_neighbour(batch, sentences, sentence, label, step) for step in (-2, 2)],
        *[_near_kind(batch, places[3], sentence, step) for step in (-1, 1)],
        np.where(end < stop, batch.flags[right] & int(_MARKS), 0),
        np.where(start > first, batch.flags[left] & int(_MARKS), 0),
    ]
    wide = np.hstack((means, sentences[sentence]))
    return np.hstack((np.column_stack(columns).astype(np.float32), wide))


def _neighbour(batch: Batch, scores: Floats, sentence: Ints, label: Ints, step: int) -> Floats:
    """Score of the label in the sentence `step` away in the same document, else -8."""
    other = np.clip(sentence + step, 0, len(scores) - 1)
    documents = batch.document[batch.sentence_start[:-1]]
    same = (documents[other] == documents[sentence]) & (other == sentence + step)
    found: Floats = np.where(same, scores[other, label], np.float32(-8))
    return found


_REACH = 5
"""Sentences on either side that tell what kind of passage it is."""
_MARKS = Flag.STOP | Flag.OPEN_QUOTE | Flag.CLOSE_QUOTE | Flag.OPEN_BRACKET | Flag.BREAK


def _around(batch: Batch, scores: Floats) -> NDArray[np.float64]:
    """Mean of scores over the sentences within reach in the same document: (s, k)."""
    documents = batch.document[batch.sentence_start[:-1]]
    index = np.arange(len(scores))
    low = np.maximum(index - _REACH, np.searchsorted(documents, documents, "left"))
    high = np.minimum(index + _REACH + 1, np.searchsorted(documents, documents, "right"))
    total = np.concatenate((np.zeros((1, scores.shape[1])), np.cumsum(scores, 0, np.float64)))
    return (total[high] - total[low]) / (high - low)[:, None]


def _rest(
    batch: Batch, logits: Floats, candidates: Candidates, means: Floats
) -> NDArray[np.float64]:
    """Mean logit of the label over the sentence without the candidate: (m,)."""
    sentence, label = batch.sentence[candidates.start], candidates.label
    whole = np.add.reduceat(logits, batch.sentence_start[:-1], axis=0)[sentence, label]
    length = candidates.end - candidates.start
    inside = means[np.arange(len(label)), label] * length
    others = np.diff(batch.sentence_start)[sentence] - length
    return (whole - inside) / np.maximum(others, 1)


def _near_kind(batch: Batch, kinds: Ints, sentence: Ints, step: int) -> Ints:
    """Line kind of the sentence `step` away in the same document, else -1."""
    first = batch.sentence_start[:-1]
    other = np.clip(sentence + step, 0, len(first) - 1)
    same = batch.document[first[other]] == batch.document[first[sentence]]
    return np.where(same & (other == sentence + step), kinds[first[other]], -1)


def _share_of(mask: Bools, start: Ints, end: Ints, length: Ints) -> NDArray[np.float64]:
    total = np.concatenate(([0], np.cumsum(mask)))
    share: NDArray[np.float64] = (total[end] - total[start]) / length
    return share
