"""What each column adds to the raw score of a row: exactly, for both kinds of head.

A linear head's score is a sum already. For boosted trees this is the path method (Saabas,
"Interpreting random forests", 2014): every node of a tree has an expected value, the mean of
its leaves by how many training rows reached them. On its way down, a row moves from one
expected value to the next, and each step is credited to the column of that split. Starting
value and steps add up to the leaf, hence over all trees to the raw score.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.heads import BoostedHead, Doubles, Head, LinearHead, with_labels


def contributions(head: Head, features: NDArray[np.float32]) -> tuple[Doubles, Doubles]:
    """Split the raw scores (logits) of rows into what their columns add.

    Parameters
    ----------
    head : Head
    features : array of float32, shape (m, n_columns)
        The label's column first.

    Returns
    -------
    bias : array of float64, shape (m,)
        What the score would be if nothing was known of the row.
    parts : array of float64, shape (m, n_columns)
        Row by row, bias and parts sum to the raw score.
    """
    if isinstance(head, BoostedHead):
        return _along_paths(head, features)
    if not isinstance(head, LinearHead):
        raise TypeError(f"no contributions for a {type(head).__name__}")
    label = features[:, 0].astype(np.int64)
    parts = np.zeros(features.shape)
    for number, column in enumerate(head.columns.tolist()):
        parts[:, column] += features[:, column] * head.weights[label, number]
    return head.bias[label].astype(np.float64), parts


@dataclass(frozen=True, slots=True, eq=False)
class _Forest:
    """The nodes of all trees, one after another; children by their place in that row."""

    roots: NDArray[np.int64]
    column: NDArray[np.int64]
    threshold: Doubles
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf: NDArray[np.bool_]
    value: Doubles
    baseline: float


@lru_cache(maxsize=2)
def _forest(head: BoostedHead) -> _Forest:
    trees = [trees[0].nodes for trees in head.estimator._predictors]  # noqa: SLF001 - see trees
    nodes = np.concatenate(trees)
    sizes = np.array([len(tree) for tree in trees])
    roots = np.cumsum(sizes) - sizes
    shift = np.repeat(roots, sizes)
    return _Forest(
        roots,
        nodes["feature_idx"].astype(np.int64),
        nodes["num_threshold"].astype(np.float64),
        nodes["missing_go_to_left"].astype(bool),
        nodes["left"].astype(np.int64) + shift,
        nodes["right"].astype(np.int64) + shift,
        nodes["is_leaf"].astype(bool),
        np.concatenate([expected_values(tree) for tree in trees]),
        float(np.asarray(head.estimator._baseline_prediction).ravel()[0]),  # noqa: SLF001 - as above
    )


def expected_values(nodes: Any) -> Doubles:
    """Value of every node of a tree: of a leaf its own, else the mean of those below.

    The mean is weighted by `count`, the training rows that reached a node.
    """
    value = nodes["value"].astype(np.float64)
    count = np.maximum(nodes["count"].astype(np.float64), 1)
    for number in np.flatnonzero(nodes["is_leaf"] == 0)[::-1].tolist():  # children come later
        below = [int(nodes["left"][number]), int(nodes["right"][number])]
        value[number] = np.average(value[below], weights=count[below])
    return value


def _along_paths(head: BoostedHead, features: NDArray[np.float32]) -> tuple[Doubles, Doubles]:
    forest, n_labels = _forest(head), head.n_labels
    rows = with_labels(features, n_labels).astype(np.float64)
    m = len(rows)
    parts = np.zeros(features.shape)
    at = np.tile(forest.roots, (m, 1))
    which = np.broadcast_to(np.arange(m)[:, None], at.shape)
    bias = np.full(m, forest.baseline + forest.value[forest.roots].sum())
    going = ~forest.leaf[at]
    while going.any():
        here, row = at[going], which[going]
        column = forest.column[here]
        seen = rows[row, column]
        left = np.where(
            np.isnan(seen), forest.missing_left[here], seen <= forest.threshold[here]
        ).astype(bool)
        child = np.where(left, forest.left[here], forest.right[here])
        mine = np.maximum(column - n_labels + 1, 0)  # the labels' columns are one
        np.add.at(parts, (row, mine), forest.value[child] - forest.value[here])
        at[going] = child
        going = ~forest.leaf[at]
    return bias, parts
