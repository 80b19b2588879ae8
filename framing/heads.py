"""The second models: how sure each candidate span, and each sentence, is.

The linear kind weighs a few dense features for each label; the boosted kind is one
gradient-boosted model for all labels and more of them. A gate, itself linear, spares
boosting the candidates that have no chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framing.candidates import Candidates
from framing.features import QUOTATION, SPEECH, pooled_logits
from framing.lexical import Floats
from framing.linear import Evidence
from framing.text import Batch

Doubles = NDArray[np.float64]


class Head(Protocol):
    """Anything that turns dense rows, the label's column first, into probabilities."""

    def probabilities(self, features: NDArray[np.float32]) -> Doubles:
        """Probability of each row, shape (m,)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """Logistic models, one a label, over the same columns.

    Attributes
    ----------
    columns : array of int64, shape (k,)
    weights : array of float64, shape (n_labels, k)
    bias : array of float64, shape (n_labels,)
    """

    columns: NDArray[np.int64]
    weights: Doubles
    bias: Doubles

    def probabilities(self, features: NDArray[np.float32]) -> Doubles:
        """Probability of each row, shape (m,)."""
        label = features[:, 0].astype(np.int64)
        logits = self.bias[label]
        for number, column in enumerate(self.columns.tolist()):
            logits = logits + features[:, column] * self.weights[label, number]
        return sigmoid(logits)


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """Which candidates boosting is asked about.

    Attributes
    ----------
    head : LinearHead
        Over `spans.basic_features`.
    least : array of float64, shape (n_labels,)
        Probability that passes, by label.
    """

    head: LinearHead
    least: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class BoostedHead:
    """One fitted `HistGradientBoostingClassifier` for all labels, over `with_labels` columns.

    Attributes
    ----------
    estimator : HistGradientBoostingClassifier
    n_labels : int
    """

    estimator: Any
    n_labels: int

    def probabilities(self, features: NDArray[np.float32]) -> Doubles:
        """Probability of each row, shape (m,)."""
        from threadpoolctl import threadpool_limits

        if len(features) == 0:
            return np.zeros(0)
        with threadpool_limits(1, user_api="openmp"):  # threads cost more than they give here
            rows = with_labels(features, self.n_labels)
            found: Doubles = self.estimator.predict_proba(rows)[:, 1]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class MeanHead:
    """Several heads that look at the same rows; their logits are averaged.

    Attributes
    ----------
    heads : tuple of Head
    """

    heads: tuple[Head, ...]

    def probabilities(self, features: NDArray[np.float32]) -> Doubles:
        """Probability of each row, shape (m,)."""
        return mean_probabilities([head.probabilities(features) for head in self.heads])


def mean_probabilities(found: Sequence[Doubles]) -> Doubles:
    """Probabilities whose logits are the means of those given: shape (m,)."""
    total = np.zeros(len(found[0]))
    for each in found:
        total += logit(each)
    return sigmoid(total / len(found))


def with_labels(features: NDArray[np.float32], n_labels: int) -> NDArray[np.float32]:
    """Rows with the label's column spread over one column a label: (m, n_labels + columns - 1)."""
    label = np.eye(n_labels, dtype=np.float32)[features[:, 0].astype(np.int64)]
    return np.hstack((label, features[:, 1:]))


def sigmoid(logits: Doubles) -> Doubles:
    """Logistic function, for any size of argument."""
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def logit(probabilities: Doubles) -> Doubles:
    """Inverse of `sigmoid`, within 1e-6 of the ends."""
    inside = np.clip(probabilities, 1e-6, 1 - 1e-6)
    found: Doubles = np.log(inside / (1 - inside))
    return found


SENTENCE_LINEAR_COLUMNS = (1, 2, 3, 4)


def sentence_features(
    batch: Batch, evidence: Evidence, candidates: Candidates, scores: Doubles
) -> NDArray[np.float32]:
    """Dense features of every sentence for every label.

    Parameters
    ----------
    batch, evidence
    candidates : Candidates
        m of them.
    scores : array of float64, shape (m,)
        Their probabilities.

    Returns
    -------
    array of float32, shape (n_sentences * n_labels, columns)
        Sentence by sentence: label column; its best candidate, sentence logit, highest
        and mean token logit; sentence length and share outside speech; then the sentence
        logits, highest and mean token logits of all labels.
    """
    sentences = np.clip(evidence.sentences, -8, 8)
    s, n_labels = sentences.shape
    best = np.full((s, n_labels), -8.0)
    np.maximum.at(best, (batch.sentence[candidates.start], candidates.label), logit(scores))
    pooled: Floats = pooled_logits(batch, evidence.own, evidence.tokens)
    highest, mean = pooled[:, :n_labels], pooled[:, n_labels:]
    length = np.diff(batch.sentence_start)
    told = (evidence.places[QUOTATION] != SPEECH).astype(np.float64)  # speech may count as own
    share = np.add.reduceat(told, batch.sentence_start[:-1]) / length
    own = np.column_stack(
        [
            np.tile(np.arange(n_labels), s),
            np.clip(best, -8, 8).ravel(),
            sentences.ravel(),
            highest.ravel(),
            mean.ravel(),
            np.repeat(length, n_labels),
            np.repeat(share, n_labels),
        ]
    )
    wide = np.repeat(np.hstack((sentences, pooled, best)), n_labels, axis=0)
    return np.hstack((own, wide)).astype(np.float32)
