"""How well predicted spans fit marked ones.

Three readings of a match stand side by side: *exact* offsets; *partial* overlap,
the score of SemEval-2020 task 11 (Da San Martino et al., 2020), which gives each
span the share of it that is covered; and *one-to-one*, where a predicted span
counts if it shares at least half of the union with a marked one, each used once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Interval = tuple[int, int]
COUNTS = ("gold", "predicted", "exact", "covered_gold", "covered_predicted", "matched")
"""What is counted for each document and label: columns of `count_matches`."""


def _overlap(a: Interval, b: Interval) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def iou(a: Interval, b: Interval) -> float:
    """Intersection over union of two spans."""
    shared = _overlap(a, b)
    return shared / (a[1] - a[0] + b[1] - b[0] - shared) if shared else 0.0


def matched(gold: Sequence[Interval], predicted: Sequence[Interval], least: float = 0.5) -> int:
    """Pairs of spans, each used once, whose IoU is at least `least` (best pairs first)."""
    pairs = sorted(
        ((iou(g, p), i, j) for i, g in enumerate(gold) for j, p in enumerate(predicted)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    used_gold: set[int] = set()
    used_predicted: set[int] = set()
    for score, i, j in pairs:
        if score >= least and i not in used_gold and j not in used_predicted:
            used_gold.add(i)
            used_predicted.add(j)
    return len(used_gold)


def count_matches(gold: Sequence[Interval], predicted: Sequence[Interval]) -> list[float]:
    """Counts of `COUNTS` for one document and one label."""
    covered_gold = sum(_overlap(g, p) / (g[1] - g[0]) for g in gold for p in predicted)
    covered_predicted = sum(_overlap(g, p) / (p[1] - p[0]) for g in gold for p in predicted)
    exact = len(set(gold) & set(predicted))
    one_to_one = matched(gold, predicted) if covered_gold else 0
    return [len(gold), len(predicted), exact, covered_gold, covered_predicted, one_to_one]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of one reading of a match."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def exact(counts: NDArray[np.float64]) -> Score:
    """Score of exact offsets from summed `COUNTS`."""
    return Score(_share(counts[2], counts[1]), _share(counts[2], counts[0]))


def partial(counts: NDArray[np.float64]) -> Score:
    """Partial-overlap score of SemEval-2020 task 11 from summed `COUNTS`."""
    return Score(_share(counts[4], counts[1]), _share(counts[3], counts[0]))


def one_to_one(counts: NDArray[np.float64]) -> Score:
    """Score of one-to-one matches at IoU >= 0.5 from summed `COUNTS`."""
    return Score(_share(counts[5], counts[1]), _share(counts[5], counts[0]))


def bootstrap(
    statistic: Callable[[NDArray[np.float64]], float],
    rows: NDArray[np.float64],
    groups: Sequence[str],
    *,
    repeats: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95% interval of a statistic of summed rows, drawing whole groups with replacement.

    Parameters
    ----------
    statistic : callable
        From the sum of rows, shape rows.shape[1:], to a number.
    rows : array, shape (n, ...)
        Counts of each document.
    groups : sequence of str, length n
        Group of each document: a group is drawn whole.
    repeats, seed : int

    Returns
    -------
    low, high : float
    """
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    if len(rows) == 0:
        return 0.0, 0.0
    summed = np.zeros((inverse.max() + 1, *rows.shape[1:]))
    np.add.at(summed, inverse, rows)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(summed), np.full(len(summed), 1 / len(summed)), repeats)
    totals = np.tensordot(weights, summed, axes=1)
    values = [statistic(total) for total in totals]
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def weights_of_groups(
    groups: Sequence[str], *, repeats: int = 1000, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """How often each item counts in each resample that draws whole groups: shape (n,).

    For statistics that are no function of summed counts, such as an area under a curve.
    """
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    n_groups = int(inverse.max(initial=-1)) + 1
    rng = np.random.default_rng(seed)
    for _ in range(repeats if n_groups else 0):
        yield rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups))[inverse]


def average_precision(scores: NDArray[np.float64], hits: NDArray[np.float64], n_gold: int) -> float:
    """Mean of the precision at each marked span found, ranked by score; 0 for one not found.

    Parameters
    ----------
    scores : array, shape (n,)
        Of spans, each of which may hit one marked span.
    hits : array, shape (n,)
        1 for a hit, else 0; no marked span is hit twice.
    n_gold : int
        Marked spans.

    Returns
    -------
    float
        Spans of equal score count together: their order says nothing.
    """
    if n_gold == 0 or len(scores) == 0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    found = np.cumsum(hits[order])[last]
    precision = found / (last + 1)
    return float((np.diff(found, prepend=0) * precision).sum() / n_gold)


def calibration_error(
    scores: NDArray[np.float64],
    hits: NDArray[np.float64],
    bins: int = 10,
    *,
    equal_mass: bool = False,
) -> float:
    """Expected calibration error (Naeini et al., 2015).

    Parameters
    ----------
    scores, hits : array, shape (n,)
    bins : int
        At most as many as there are scores.
    equal_mass : bool
        Bins that hold the same number of scores each, instead of bins of equal width:
        no bin is left to a handful of scores.
    """
    if len(scores) == 0:
        return 0.0
    parts = calibration_bins(scores, hits, bins, equal_mass=equal_mass)
    return sum(n * abs(score - hit) for n, score, hit in parts) / len(scores)


def calibration_bins(
    scores: NDArray[np.float64],
    hits: NDArray[np.float64],
    bins: int = 10,
    *,
    equal_mass: bool = False,
) -> list[tuple[int, float, float]]:
    """Number, mean score and share of hits of each bin that is not empty, lowest first."""
    if equal_mass:
        order = np.argsort(scores, kind="stable")
        parts = np.array_split(order, min(bins, max(len(scores), 1)))
    else:
        which = np.minimum((scores * bins).astype(int), bins - 1)
        parts = [np.flatnonzero(which == number) for number in range(bins)]
    return [
        (len(part), float(scores[part].mean()), float(hits[part].mean()))
        for part in parts
        if len(part)
    ]
