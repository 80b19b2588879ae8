"""The few numbers a label that are chosen across folds: levels, mix, calibration, thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framing.fitting.corpus import Corpus
from framing.fitting.logistic import fit_logistic, settled
from framing.heads import Doubles, logit
from framing.text import Bools, Ints


def find_levels(
    logits: NDArray[np.float32], targets: Bools, own: Bools, recalls: Sequence[float]
) -> NDArray[np.float32]:
    """Logits above which the given shares of marked tokens lie: (n_labels, n_levels)."""
    levels = np.zeros((targets.shape[1], len(recalls)), np.float32)
    for label in range(targets.shape[1]):
        marked = logits[targets[:, label] & own, label]
        if len(marked) == 0:
            levels[label] = np.inf
        else:
            levels[label] = np.quantile(marked, [1 - recall for recall in recalls])
    return levels


def fit_mix(
    corpus: Corpus, tokens: NDArray[np.float32], sentences: NDArray[np.float32], targets: Bools
) -> NDArray[np.float32]:
    """How token and sentence logits go together, label by label: (n_labels, 3)."""
    mix = np.tile(np.array([1, 0, 0], np.float32), (corpus.n_labels, 1))
    own = np.flatnonzero(corpus.own)
    for label in range(corpus.n_labels):
        both = np.column_stack((tokens[own, label], sentences[corpus.batch.sentence[own], label]))
        marked = targets[own, label]
        if marked.any() and not marked.all():
            weights, bias = fit_logistic(both.astype(np.float64), marked, 10.0, 0, dense=True)
            mix[label] = *weights, bias
    return mix


def fit_calibration(probabilities: Doubles, hits: Bools, label: Ints, n_labels: int) -> Doubles:
    """Slope and intercept of each label's logit (Platt, 1999): (n_labels, 2)."""
    from sklearn.linear_model import LogisticRegression

    calibration = np.tile([1.0, 0.0], (n_labels, 1))
    for number in range(n_labels):
        mine = label == number
        if hits[mine].sum() >= 5 and (~hits[mine]).sum() >= 5:
            fitted = LogisticRegression(C=1e3).fit(logit(probabilities[mine])[:, None], hits[mine])
            slope, intercept = settled(fitted.coef_[0, 0]), settled(fitted.intercept_[0])
            if slope > 0.05:
                calibration[number] = slope, intercept
    return calibration


def choose_thresholds(
    scores: Doubles, hits: Bools, label: Ints, n_marks: Ints, least: float = 0.1
) -> Doubles:
    """Threshold of each label with the best one-to-one F1 on chosen spans: (n_labels,).

    Predicted spans per marked span are kept between 0.75 and 1.25 where that can be.
    """
    thresholds = np.full(len(n_marks), 0.5)
    for number, total in enumerate(n_marks.tolist()):
        mine = label == number
        if total == 0 or not mine.any():
            continue
        order = np.argsort(-scores[mine], kind="stable")
        ranked = scores[mine][order]
        count = np.arange(1, len(ranked) + 1)
        f1 = 2 * np.cumsum(hits[mine][order]) / (count + total)
        ratio = count / total
        f1 = np.where((ranked < least) | (ratio > 1.25) | (ratio < 0.75), f1 - 1, f1)
        best = int(np.argmax(f1))
        after = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] * 0.98
        thresholds[number] = (ranked[best] + after) / 2
    return thresholds
