"""Sentences and blocks that a set says yes or no of: their scores, and how right they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from framing.fitting.tuning import fit_calibration
from framing.heads import Doubles, logit, sigmoid
from framing.metrics import weights_of_groups
from framing.model import Model
from framing.text import Batch, Bools, Ints
from training.benchmarks.sets import Row

_TOGETHER = 64
_LEVELS = np.linspace(0.01, 0.99, 99)


def row_scores(
    batch: Batch, probabilities: Doubles, rows: Sequence[Row], numbers: Sequence[int]
) -> Doubles:
    """Probability that any sentence which a row touches holds what is looked for.

    This is what `Framing.predict_proba` says of a whole text, asked of a part of it.

    Parameters
    ----------
    batch : Batch
    probabilities : array of float64, shape (n_sentences,)
    rows : sequence of Row
    numbers : sequence of int
        Which document of the set each text of the batch is.

    Returns
    -------
    array of float64, shape (n_rows,)
    """
    starts = batch.start[batch.sentence_start[:-1]]
    ends = batch.end[batch.sentence_start[1:] - 1]
    owner = batch.document[batch.sentence_start[:-1]]
    edges = np.searchsorted(owner, np.arange(len(batch.texts) + 1))
    place = {number: at for at, number in enumerate(numbers)}
    found = np.zeros(len(rows))
    for index, row in enumerate(rows):
        at = place[row.document]
        part = slice(edges[at], edges[at + 1])
        touched = (starts[part] < row.end) & (row.start < ends[part])
        found[index] = 1 - np.prod(1 - probabilities[part][touched])
    return found


def any_of(probabilities: Doubles, columns: Sequence[int]) -> Doubles:
    """Probability that at least one of the labels is there, taken as independent: (n,)."""
    found: Doubles = 1 - np.prod(1 - probabilities[:, list(columns)], axis=1)
    return found


def model_scores(
    model: Model,
    texts: Sequence[str],
    rows: Sequence[Row],
    numbers: Sequence[int],
    columns: Sequence[int],
    *,
    quoted: bool = False,
) -> Doubles:
    """Score of each row by a model: any of the labels chosen, in any of its sentences.

    Parameters
    ----------
    model : Model
    texts : sequence of str
    rows : sequence of Row
        In the order of their documents.
    numbers : sequence of int
        Which document of the set each text is, rising.
    columns : sequence of int
    quoted : bool
        Read the words of quoted speakers as though they were the article's.
    """
    parts = [np.zeros(0)]
    owner = np.array([row.document for row in rows], np.int64)
    for start in range(0, len(texts), _TOGETHER):
        some = list(numbers[start : start + _TOGETHER])
        scored = model.score(texts[start : start + _TOGETHER], quoted=quoted)
        sentences = any_of(model.sentence_probabilities(scored), columns)
        first, stop = np.searchsorted(owner, [some[0], some[-1] + 1])
        parts.append(row_scores(scored.batch, sentences, rows[first:stop], some))
    return np.concatenate(parts)


# --- how right they are -------------------------------------------------------------------

Weights = NDArray[np.int64] | Doubles


def _confusion(truth: Bools, decided: Bools, weights: Weights) -> tuple[float, float, float]:
    """Right yes, wrong yes and missed yes."""
    return (
        float(weights[truth & decided].sum()),
        float(weights[~truth & decided].sum()),
        float(weights[truth & ~decided].sum()),
    )


def f1(truth: Bools, decided: Bools, weights: Weights) -> float:
    """F1 of yes."""
    right, wrong, missed = _confusion(truth, decided, weights)
    return 2 * right / (2 * right + wrong + missed) if right else 0.0


def macro_f1(truth: Bools, decided: Bools, weights: Weights) -> float:
    """Mean of the F1 of yes and that of no."""
    return (f1(truth, decided, weights) + f1(~truth, ~decided, weights)) / 2


def auc(truth: Bools, scores: Doubles, weights: Weights) -> float:
    """Area under the ROC curve: chance that a yes scores higher than a no; ties count half."""
    _, place = np.unique(scores, return_inverse=True)
    yes = np.bincount(place, weights * truth)
    no = np.bincount(place, weights * ~truth)
    pairs = yes.sum() * no.sum()
    return float(yes @ (np.cumsum(no) - no / 2) / pairs) if pairs else 0.5


MEASURES: dict[str, Callable[[Bools, Bools, Weights], float]] = {"F1": f1, "macro-F1": macro_f1}


def choose_level(truth: Bools, scores: Doubles, measure: str) -> float:
    """Threshold with the best measure to be expected, by rows that are not the ones to be judged.

    The scores are calibrated first (Platt, 1999), and each row counts by its probability as a
    yes and as a no (Lewis, 1995). What is best on the rows themselves is a matter of chance:
    the measure hardly changes over a wide range of levels.
    """
    ((slope, intercept),) = fit_calibration(scores, truth, np.zeros(len(truth), np.int64), 1)
    chance = sigmoid(slope * logit(scores) + intercept)
    yes, weights = np.repeat([True, False], len(truth)), np.concatenate((chance, 1 - chance))
    levels = np.unique(np.quantile(scores, _LEVELS))
    values = [MEASURES[measure](yes, np.tile(scores >= level, 2), weights) for level in levels]
    return float(levels[np.argmax(values)])


def with_interval(
    statistic: Callable[[Weights], float], groups: Sequence[str], repeats: int = 1000
) -> tuple[float, float, float]:
    """Value of a statistic and its 95% bootstrap interval, drawing whole groups."""
    value = statistic(np.ones(len(groups), np.int64))
    drawn = [statistic(weights) for weights in weights_of_groups(groups, repeats=repeats)]
    low, high = np.percentile(drawn, (2.5, 97.5)) if drawn else (value, value)
    return value, float(low), float(high)


def truths(rows: Sequence[Row]) -> Bools:
    """What the set says of each row: shape (n_rows,)."""
    return np.array([row.truth for row in rows], bool)


def owners(rows: Sequence[Row]) -> Ints:
    """Document of each row: shape (n_rows,)."""
    return np.array([row.document for row in rows], np.int64)
