"""Boosted trees from a file: nothing out of bounds before the first prediction.

scikit-learn walks the nodes in C without looking; a changed index would end the
process. So every node is checked here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from framing.errors import ModelError

MOST_TREES = 5000


def check_trees(estimator: Any, n_columns: int) -> None:
    """Check a fitted `HistGradientBoostingClassifier`.

    Parameters
    ----------
    estimator : HistGradientBoostingClassifier
    n_columns : int
        Columns of the features that it will be given.

    Raises
    ------
    ModelError
        If it is of another type, fitted to other columns, or a node points outside.
    """
    from sklearn._loss.loss import HalfBinomialLoss
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper

    if type(estimator) is not HistGradientBoostingClassifier:
        raise ModelError(f"a head is a {type(estimator).__name__}, not gradient boosting")
    if estimator.n_features_in_ != n_columns:
        raise ModelError(f"trees of {estimator.n_features_in_} columns, {n_columns} are wanted")
    rounds = estimator._predictors  # noqa: SLF001 - the public interface does not show the nodes
    if not isinstance(rounds, list) or not 0 < len(rounds) <= MOST_TREES:
        raise ModelError("a head without trees, or with too many")
    parts = vars(estimator)
    if parts.get("n_trees_per_iteration_") != 1 or "feature_names_in_" in parts:
        raise ModelError("trees of more than two classes, or of named columns")
    for trees in rounds:
        if not isinstance(trees, list) or len(trees) != 1:
            raise ModelError("trees of more than two classes")
        _check_tree(trees[0], n_columns)
    bins = parts.get("_bin_mapper")
    if type(bins) is not _BinMapper:
        raise ModelError("trees without their bins")
    categorical = np.asarray(vars(bins).get("is_categorical_"))
    if categorical.shape != (n_columns,) or categorical.dtype.kind not in "bu" or categorical.any():
        raise ModelError("trees with categories that do not exist: all columns are numbers")
    if type(parts.get("_loss")) is not HalfBinomialLoss:
        raise ModelError("trees without what turns their sum into a probability")
    classes: Any = parts.get("classes_")
    if parts.get("_preprocessor") is not None or not np.array_equal(classes, [False, True]):
        raise ModelError("trees of other classes, or of columns that are changed first")
    baseline = np.asarray(estimator._baseline_prediction)  # noqa: SLF001 - as above
    if baseline.shape != (1, 1) or not np.isfinite(baseline).all():
        raise ModelError("trees without a finite baseline")
    _try(estimator, n_columns)


def _try(estimator: Any, n_columns: int) -> None:
    """Ask for one prediction, so that what is missing shows now and not at the first text."""
    import warnings

    from threadpoolctl import threadpool_limits

    rows = np.zeros((2, n_columns), np.float32)
    try:
        with warnings.catch_warnings(), threadpool_limits(1, user_api="openmp"):
            warnings.simplefilter("error")
            found = estimator.predict_proba(rows)
        right = found.shape == (2, 2) and bool(((found >= 0) & (found <= 1)).all())
    except Exception as error:
        reason = (str(error) or type(error).__name__).split("\n")[0]
        raise ModelError(f"trees that cannot predict: {reason:.100}") from error
    if not right:
        raise ModelError("trees that predict no probabilities")


def _check_tree(tree: Any, n_columns: int) -> None:
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

    if type(tree) is not TreePredictor:
        raise ModelError(f"a tree is a {type(tree).__name__}")
    nodes = tree.nodes
    names = set(getattr(nodes.dtype, "names", None) or ())
    wanted = {"value", "left", "right", "feature_idx", "is_leaf", "is_categorical", "bitset_idx"}
    if nodes.ndim != 1 or len(nodes) == 0 or not wanted <= names:
        raise ModelError("a tree whose nodes have another layout; was it made by another version?")
    inner = nodes[nodes["is_leaf"] == 0]
    place = np.flatnonzero(nodes["is_leaf"] == 0)
    for side in ("left", "right"):
        child = inner[side].astype(np.int64)
        if (child <= place).any() or (child >= len(nodes)).any():
            raise ModelError("a tree whose nodes point outside it or backwards")
    column = inner["feature_idx"].astype(np.int64)
    if (column < 0).any() or (column >= n_columns).any():
        raise ModelError("a tree that looks at columns that do not exist")
    if not np.isfinite(nodes["value"]).all():
        raise ModelError("a tree with values that are not finite")
    if nodes["is_categorical"].any():
        raise ModelError("a tree with categories that do not exist: all columns are numbers")
