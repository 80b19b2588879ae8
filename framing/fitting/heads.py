"""Fitting the second models: linear and boosted heads over dense rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framing.fitting.corpus import Settings
from framing.fitting.logistic import fit_logistic
from framing.heads import BoostedHead, Doubles, Head, LinearHead, with_labels
from framing.text import Bools, Ints


def fit_head(
    kind: str,
    features: NDArray[np.float32],
    targets: Bools,
    columns: Sequence[int],
    n_labels: int,
    seed: int,
) -> Head:
    """Fit a linear or boosted head to dense rows, the label's column first."""
    if kind == "boosted":
        return _fit_boosted(features, targets, n_labels, seed)
    return _fit_head_labels(features, targets, columns, n_labels, seed)


def _fit_head_labels(
    features: NDArray[np.float32],
    targets: Bools,
    columns: Sequence[int],
    n_labels: int,
    seed: int,
) -> LinearHead:
    """Logistic regressions, one a label, on columns brought to one scale."""
    weights = np.zeros((n_labels, len(columns)))
    bias = np.zeros(n_labels)
    for label in range(n_labels):
        mine = features[:, 0] == label
        rows = features[mine][:, list(columns)].astype(np.float64)
        scale = np.maximum(rows.std(0), 1e-3) if len(rows) else np.ones(len(columns))
        fitted, bias[label] = fit_logistic(rows / scale, targets[mine], 1.0, seed, dense=True)
        weights[label] = fitted / scale
    return LinearHead(np.asarray(columns, np.int64), weights, bias)


def _fit_boosted(
    features: NDArray[np.float32], targets: Bools, n_labels: int, seed: int
) -> BoostedHead:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    rows = with_labels(features, n_labels)
    if len(rows) == 0 or targets.all() or not targets.any():
        rows = np.vstack((rows, np.zeros((2, rows.shape[1]), np.float32)))
        targets = np.append(targets, [False, True])
    estimator = HistGradientBoostingClassifier(
        learning_rate=0.09,
        max_iter=100,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=10.0,
        max_features=0.4,
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(1, user_api="openmp"):  # threads that wait for each other cost most
        return BoostedHead(estimator.fit(rows, targets), n_labels)


def head_across_folds(
    kind: str,
    features: NDArray[np.float32],
    targets: Bools,
    fold: Ints,
    usual: Bools,
    columns: Sequence[int],
    n_labels: int,
    settings: Settings,
) -> Doubles:
    """Probability of every row from heads fitted to usual rows of other folds: shape (m,)."""
    from joblib import Parallel, delayed

    def held_out(number: int) -> Doubles:
        held = fold == number
        rows = usual & ~held
        head = fit_head(kind, features[rows], targets[rows], columns, n_labels, settings.seed)
        return head.probabilities(features[held])

    numbers = np.unique(fold)
    parts = Parallel(n_jobs=settings.jobs, prefer="threads")(map(delayed(held_out), numbers))
    found = np.zeros(len(features))
    for number, part in zip(numbers, parts, strict=True):
        found[fold == number] = part
    return found
