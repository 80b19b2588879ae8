"""A plain baseline by the same folds: words and character n-grams, logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from framing.fitting import fold_groups
from framing.heads import Doubles
from framing.text import Bools, Ints
from training.benchmarks.rows import choose_level, owners, truths
from training.benchmarks.sets import Benchmark

NAME = "plain"
_COLUMNS = 1 << 18
_PENALTY = 10.0
_INNER = 3
"""Folds of the training part, for the threshold."""


def plain_scores(benchmark: Benchmark, fold: Ints) -> tuple[Doubles, Bools]:
    """Scores and decisions for rows by models that saw their words alone.

    Parameters
    ----------
    benchmark : Benchmark
        With rows.
    fold : array of int64, shape (n_documents,)

    Returns
    -------
    scores : array of float64, shape (n_rows,)
    decided : array of bool, shape (n_rows,)
        By a threshold that was chosen on the training folds.
    """
    features, truth = _features(benchmark), truths(benchmark.rows)
    owner = owners(benchmark.rows)
    groups = [benchmark.documents[at].group for at in owner.tolist()]
    scores, decided = np.zeros(len(truth)), np.zeros(len(truth), bool)
    for number in np.unique(fold):
        held = fold[owner] == number
        rest = np.flatnonzero(~held)
        inner = fold_groups([groups[at] for at in rest.tolist()], _INNER, int(number))
        known = _across(features[rest], truth[rest], inner)
        scores[held] = _fit(features[rest], truth[rest]).predict_proba(features[held])[:, 1]
        decided[held] = scores[held] >= choose_level(truth[rest], known, benchmark.measure)
    return scores, decided


def _features(benchmark: Benchmark) -> Any:
    """Hashed counts, one row a row of the set: words and pairs, and pieces of words."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import HashingVectorizer

    texts: Sequence[str] = [
        (benchmark.documents[row.document].text or "")[row.start : row.end]
        for row in benchmark.rows
    ]
    words = HashingVectorizer(ngram_range=(1, 2), n_features=_COLUMNS)
    pieces = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=_COLUMNS)
    every = hstack((words.transform(texts), pieces.transform(texts)), format="csr")
    return every[:, np.unique(every.indices)]  # empty columns take time and say nothing


def _fit(features: Any, truth: Bools) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=_PENALTY, solver="liblinear").fit(features, truth)


def _across(features: Any, truth: Bools, fold: Ints) -> Doubles:
    scores = np.zeros(len(truth))
    for number in np.unique(fold):
        held = fold == number
        scores[held] = _fit(features[~held], truth[~held]).predict_proba(features[held])[:, 1]
    return scores
