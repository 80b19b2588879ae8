"""Why a span was reported: the model's own evidence, word by word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.features import SLOTS, WINDOW, Floats, place_codes
from framing.heads import Doubles, logit
from framing.model import Model, Scored
from framing.prediction import Span
from framing.text import Ints


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
        Everything else that the logit is made of; for the linear model words and
        features together sum to `logit`.
    logit : float
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
    quoted: bool = False,
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
    quoted : bool

    Returns
    -------
    list of Explanation
    """
    found = []
    batch = scored.batch
    joint = model.linear.joint_weights(batch, model.linear.learn_words(model.lexicon))
    for (label, first, stop), score in zip(rows.tolist(), scores.tolist(), strict=True):
        start, end = int(batch.start[first]), int(batch.end[stop - 1])
        span = Span(
            start + offset, end + offset, model.schema.names[label], round(score, 4),
            text[start:end], quoted,
        )  # fmt: skip
        words, rest = word_weights(model, scored, joint, label, first, stop)
        ranked = sorted(words, key=lambda each: -abs(each.weight))
        total = float(logit(np.array([score]))[0])
        inside = sum(weight.weight for weight in words) + rest
        features = (Weight("place and bias", rest), Weight("sentence and extent", total - inside))
        found.append(Explanation(span, tuple(ranked), features, total))
    return found


def word_weights(
    model: Model, scored: Scored, joint: tuple[Floats, Floats], label: int, first: int, stop: int
) -> tuple[list[Weight], float]:
    """What each word adds to the mean token logit of a span, and what its places add.

    Parameters
    ----------
    model, scored
    joint : pair of arrays
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
    n_labels = len(model.schema.labels)
    low, high = max(first - WINDOW, 0), min(stop + WINDOW, len(batch))
    share = np.zeros(high - low)
    tokens = np.arange(first, stop)
    for slot in range(-WINDOW, WINDOW + 1):
        near = np.clip(tokens + slot, low, high - 1)
        same = (near == tokens + slot) & (batch.line[near] == batch.line[tokens])
        sources = near[same]
        values = table.rows[SLOTS.index(slot), batch.row[sources], label]
        np.add.at(share, sources - low, values / length)
    pairs, triples = joint
    for token in range(first, stop):
        share[token - low] += triples[token, label] / length
        _split(share, token - low, pairs[token, n_labels + label] / length)
        if token:
            _split(share, token - 1 - low, pairs[token - 1, label] / length)
    codes = place_codes([values[first:stop] for values in scored.evidence.places])
    factor = float(linear.mix[label, 0])
    rest = float(linear.place_weights(codes)[:, label].mean() + linear.token_bias[label])
    words = [
        Weight(model.lexicon.words[batch.row[low + number]], factor * float(weight))
        for number, weight in enumerate(share)
        if weight
    ]
    return words, factor * rest


def _split(share: NDArray[np.float64], token: int, weight: float) -> None:
    """Give half of a pair's weight to each of its words."""
    if weight and token >= 0 and token + 1 < len(share):
        share[token] += weight / 2
        share[token + 1] += weight / 2
