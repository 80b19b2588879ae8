"""Logistic regressions over the wide, sparse rows of tokens and sentences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from framing.exact import FITTED, on_grid
from framing.fitting.corpus import Settings
from framing.matrix import Sparse
from framing.text import Bools, Ints


def fit_logistic(
    features: Sparse, targets: Bools, penalty: float, seed: int, *, dense: bool = False
) -> tuple[NDArray[np.float32], float]:
    """Weights and bias of one logistic regression; a constant where there is one class only."""
    from sklearn.linear_model import LogisticRegression

    if targets.all() or not targets.any():
        rate = (targets.sum() + 0.5) / (len(targets) + 1)
        return np.zeros(features.shape[1], np.float32), float(np.log(rate / (1 - rate)))
    if dense:
        estimator = LogisticRegression(C=penalty, max_iter=300)
    else:  # coordinate descent in the dual: the quickest for wide, sparse rows
        estimator = LogisticRegression(
            C=penalty, solver="liblinear", dual=True, tol=0.1, max_iter=60, random_state=seed
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last step before the limit is good enough
        estimator.fit(features, targets)
    return estimator.coef_[0].astype(np.float32), settled(estimator.intercept_[0])


def settled(value: float) -> float:
    """A fitted number in single precision: the rest depends on the order of a sum."""
    return float(np.float32(value))


def fit_labels(
    features: Sparse, targets: Bools, rows: Bools, penalties: Sequence[float], settings: Settings
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logistic regressions of all labels on the rows chosen, each with its penalty.

    Returns
    -------
    weights : array of float32, shape (n_labels, n_columns)
    bias : array of float32, shape (n_labels,)
    """
    from joblib import Parallel, delayed

    chosen = features[rows]
    seen = np.bincount(chosen.indices, minlength=features.shape[1])
    kept = np.flatnonzero(seen >= settings.least_count)
    chosen = chosen[:, kept]
    jobs = (
        delayed(fit_logistic)(chosen, column, penalty, settings.seed)
        for column, penalty in zip(targets[rows].T, penalties, strict=True)
    )
    fitted = Parallel(n_jobs=settings.jobs, mmap_mode="c")(jobs)
    weights = np.zeros((targets.shape[1], features.shape[1]), np.float32)
    weights[:, kept] = on_grid(np.stack([weight for weight, _ in fitted]), FITTED)
    bias = on_grid(np.asarray([bias for _, bias in fitted]), FITTED)
    return weights, bias


def choose_penalties(
    features: Sparse, targets: Bools, rows: Bools, fold: Ints, settings: Settings
) -> list[float]:
    """Penalty of each label that ranks the rows of the first fold best, unseen."""
    from sklearn.metrics import average_precision_score

    n_labels = targets.shape[1]
    if len(settings.penalties) == 1:
        return [settings.penalties[0]] * n_labels
    held = fold == fold.min()
    found = np.zeros((len(settings.penalties), n_labels))
    for number, penalty in enumerate(settings.penalties):
        weights, bias = fit_labels(features, targets, rows & ~held, [penalty] * n_labels, settings)
        logits = features[held & rows] @ weights.T + bias
        for label, target in enumerate(targets[held & rows].T):
            found[number, label] = (
                average_precision_score(target, logits[:, label]) if target.any() else 0
            )
    return [settings.penalties[number] for number in found.argmax(0)]


def across_folds(
    features: Sparse,
    targets: Bools,
    rows: Bools,
    fold: Ints,
    penalties: Sequence[float],
    settings: Settings,
    step: Callable[[], None],
) -> NDArray[np.float32]:
    """Logits of every row from models that have not seen its fold: (n, n_labels)."""
    logits = np.zeros(targets.shape, np.float32)
    for number in np.unique(fold):
        held = fold == number
        weights, bias = fit_labels(features, targets, rows & ~held, penalties, settings)
        logits[held] = features[held] @ weights.T + bias
        step()
    return logits


def best_across_folds(
    features: Sparse,
    targets: Bools,
    rows: Bools,
    fold: Ints,
    settings: Settings,
    step: Callable[[], None],
) -> tuple[NDArray[np.float32], list[float]]:
    """`across_folds` with the penalty of each label that ranks the rows best; and those."""
    from sklearn.metrics import average_precision_score

    n_labels = targets.shape[1]
    best, logits = np.full(n_labels, -1.0), np.zeros(targets.shape, np.float32)
    penalties = [settings.penalties[0]] * n_labels
    for penalty in settings.penalties:
        found = across_folds(features, targets, rows, fold, [penalty] * n_labels, settings, step)
        for label, target in enumerate(targets[rows].T):
            quality = average_precision_score(target, found[rows, label]) if target.any() else 0.0
            if quality > best[label]:
                best[label], penalties[label], logits[:, label] = quality, penalty, found[:, label]
    return logits, penalties
