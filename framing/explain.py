"""Why a span was reported: the model's own evidence, taken apart without a remainder.

The first model is a sum over words and places, so what each word adds to the mean token
logit of a span is exact. The second model weighs the span as a whole; what each of its
columns adds is exact as well (`framing.contributions`), and is given in a few groups. Words
and features together sum to the logit of the score, for both kinds of model.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.contributions import contributions
from framing.exact import UNIT
from framing.features import place_codes
from framing.heads import Doubles, logit
from framing.lexical import SLOTS, WINDOW
from framing.linear import Joint
from framing.model import Model, Scored
from framing.prediction import Span
from framing.spans import feature_names
from framing.text import Bools, Ints


@dataclass(frozen=True, slots=True)
class Weight:
    """One word or feature, and what it adds to the logit."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A span with its evidence.

    Attributes
    ----------
    span : Span
    words : tuple of Weight
        Words in and around the span with their share of its mean token logit (a pair's
        weight is halved between its words), strongest first.
    features : tuple of Weight
        Everything else that the logit is made of, strongest first: *place and bias* of
        the words; *start*, what the model that training started from says of the words;
        *words weighed again*, what the second model makes of the token logits
        over and above their mean; *sentence*; *neighbouring sentences*; *extent*;
        *surroundings* (quotation, kind of line, marks); *letters*; *other devices*;
        *base rate*. Words and features together sum to `logit`.
    logit : float
        Of the score before it was rounded.
    """

    span: Span
    words: tuple[Weight, ...]
    features: tuple[Weight, ...]
    logit: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def explain_rows(
    model: Model,
    scored: Scored,
    rows: Ints,
    scores: Doubles,
    text: str,
    offset: int = 0,
    *,
    quoted: Bools,
) -> list[Explanation]:
    """Explain decoded spans of one text.

    Parameters
    ----------
    model, scored
    rows : array of int64, shape (k, 3)
        Label column, first token and one past the last.
    scores : array of float64, shape (k,)
    text : str
    offset : int
        Of the text in a longer one.
    quoted : array of bool, shape (k,)
        Which of them to call quoted.

    Returns
    -------
    list of Explanation
    """
    found = []
    batch = scored.batch
    groups = head_groups(model, scored, rows, scores)
    joint = model.linear.joint_weights(batch, model.linear.learn_words(model.lexicon))
    for (label, first, stop), score, parts, inside in zip(
        rows.tolist(), scores.tolist(), groups, quoted.tolist(), strict=True
    ):
        start, end = int(batch.start[first]), int(batch.end[stop - 1])
        span = Span(
            start + offset, end + offset, model.schema.names[label], round(score, 4),
            text[start:end], inside,
        )  # fmt: skip
        words, rest = word_weights(model, scored, joint, label, first, stop)
        mean = float(scored.evidence.tokens[first:stop, label].mean(dtype=np.float64))
        parts[PLACE] = rest
        parts[AGAIN] -= mean
        parts[START] = start_weight(model, scored, label, first, stop)
        known = rest + parts[START] + sum(weight.weight for weight in words)
        parts[SENTENCE] += mean - known
        total = float(logit(np.array([score]))[0])
        features = [Weight(name, weight) for name, weight in parts.items() if abs(weight) > DUST]
        found.append(Explanation(span, _ranked(words), _ranked(features), total))
    return found


def _ranked(weights: list[Weight]) -> tuple[Weight, ...]:
    return tuple(sorted(weights, key=lambda each: -abs(each.weight)))


# --- the second model ---------------------------------------------------------------------

PLACE, AGAIN, SENTENCE = "place and bias", "words weighed again", "sentence"
START = "start"
EXTENT, AROUND, OTHERS = "extent", "surroundings", "other devices"
BASE = "base rate"
DUST = 1e-9
"""Weights below this are the dust of floating-point sums."""
GROUPS = {
    AGAIN: "mean|highest|lowest|first|last|before|after|contrast|gate",
    SENTENCE: "sentence|sentence highest|rest of sentence",
    "neighbouring sentences": "sentence before|sentence after|sentences around|any around|"
    "two before|two after",
    EXTENT: "tokens|share of sentence|from start|to end|begins segment|ends segment|"
    "sentence tokens|begins here|ends here|begins after|ends before",
    AROUND: "reported before|reported after|line kind|line kind before|line kind after|bracket|"
    "quoted share|later in line|later mark|leading mark",
    "letters": "capitals|upper|digits",
    OTHERS: "any label|any label inside",
    BASE: "label",
}
"""Columns of the second model (`spans.feature_names`) by what they tell."""
_GROUP_OF = {name: group for group, names in GROUPS.items() for name in names.split("|")}


def group_of(column: str, label: str) -> str:
    """Group of a column; those of a label's own logits are about the words or the sentence."""
    kind, _, named = column.partition(": ")
    if named:
        return (AGAIN if kind == "mean" else SENTENCE) if named == label else OTHERS
    return _GROUP_OF.get(column, OTHERS)


def head_groups(
    model: Model, scored: Scored, rows: Ints, scores: Doubles
) -> list[dict[str, float]]:
    """What groups of columns, the base rate and the calibration add to each span's logit.

    Returns
    -------
    list of dict
        One a row; the values of each sum to the logit of its score.
    """
    chosen = _candidates_of(scored, rows, scores)
    bias, parts = contributions(model.spans, scored.features[chosen])
    columns = feature_names(model.schema.labels)[: parts.shape[1]]
    found = []
    for (label, _, _), score, base, row in zip(
        rows.tolist(), scores.tolist(), bias.tolist(), parts, strict=True
    ):
        slope, intercept = model.calibration[label].tolist()
        groups = dict.fromkeys((AGAIN, SENTENCE), 0.0)
        groups[BASE] = slope * base + intercept
        for column, weight in zip(columns, row.tolist(), strict=True):
            if weight:
                group = group_of(column, model.schema.names[label])
                groups[group] = groups.get(group, 0.0) + slope * weight
        # Beyond 1e-6 probabilities are cut off; what that takes away is no column's.
        groups[BASE] += float(logit(np.array([score]))[0]) - sum(groups.values())
        found.append(groups)
    return found


def _candidates_of(scored: Scored, rows: Ints, scores: Doubles) -> Ints:
    """The candidate that gave each span its score: itself, or the surest of joined inserts."""
    found, candidates = [], scored.candidates
    for (label, first, stop), score in zip(rows.tolist(), scores.tolist(), strict=True):
        inside = (candidates.start >= first) & (candidates.end <= stop)
        mine = np.flatnonzero(inside & (candidates.label == label))
        found.append(mine[np.argmin(np.abs(scored.scores[mine] - score))])
    return np.asarray(found, np.int64)


# --- the first model ----------------------------------------------------------------------


def word_weights(
    model: Model, scored: Scored, joint: Joint, label: int, first: int, stop: int
) -> tuple[list[Weight], float]:
    """What each word adds to the mean token logit of a span, and what its places add.

    Parameters
    ----------
    model, scored
    joint : Joint
        `Linear.joint_weights` of the batch.
    label, first, stop : int
        Label column, first token and one past the last. What is done takes as long as the
        span is, however long the text.

    Returns
    -------
    words : list of Weight
        Every word within reach of the span, in text order.
    rest : float
        Places and bias.
    """
    batch, linear = scored.batch, model.linear
    table = linear.learn_words(model.lexicon)
    length = stop - first
    low, high = max(first - WINDOW, 0), min(stop + WINDOW, len(batch))
    share = np.zeros(high - low)
    tokens = np.arange(first, stop)
    for slot in range(-WINDOW, WINDOW + 1):
        near = np.clip(tokens + slot, low, high - 1)
        same = (near == tokens + slot) & (batch.line[near] == batch.line[tokens])
        sources = near[same]
        values = table.rows[SLOTS.index(slot), batch.row[sources], label]
        np.add.at(share, sources - low, values * UNIT / length)
    for token in range(first, stop):
        share[token - low] += joint.triple[token, label] * UNIT / length
        _split(share, token - low, joint.first[token, label] * UNIT / length)
        if token:
            _split(share, token - 1 - low, joint.second[token - 1, label] * UNIT / length)
    codes = place_codes([values[first:stop] for values in scored.evidence.places])
    factor = float(linear.mix[label, 0])
    rest = float(linear.place_weights(codes)[:, label].mean()) * UNIT
    words = [
        Weight(model.lexicon.words[batch.row[low + number]], factor * float(weight))
        for number, weight in enumerate(share)
        if weight
    ]
    return words, factor * rest


def start_weight(model: Model, scored: Scored, label: int, first: int, stop: int) -> float:
    """What the model that training started from adds to the mean token logit of a span."""
    start = scored.evidence.start
    if start is None:
        return 0.0
    factor = float(model.linear.mix[label, 0])
    return factor * float(start[first:stop, label].mean(dtype=np.float64))


def _split(share: NDArray[np.float64], token: int, weight: float) -> None:
    """Give half of a pair's weight to each of its words."""
    if weight and token >= 0 and token + 1 < len(share):
        share[token] += weight / 2
        share[token + 1] += weight / 2
