"""Numbers whose sums are exact: a batch gives what single texts give, to the last bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framing.lexical import Floats

GRID = 2.0**-12
"""Step of all numbers that are summed: exact, so a batch gives what single texts give."""
FITTED = 2.0**-9
"""Step of fitted weights, a multiple of `GRID`: a finer one fills a model's file with noise."""
UNIT = 2.0**-7
"""What 1 stands for in the tables that prediction adds up: a logit to two decimal places."""
_MOST = 2520
"""Largest entry of a table: the 13 that a token sums are an int16 still."""
_LANES = 16
"""Columns of a table are a multiple of this: rows of 32 bytes are looked up thrice as fast."""

Counts = NDArray[np.int16]
"""Weights in `UNIT`, a column a label and zeros up to a multiple of 16."""


def to_logits(counts: NDArray[np.integer]) -> Floats:
    """Logits of what was counted in `UNIT`."""
    return counts.astype(np.float32) * np.float32(UNIT)


def lanes(n_labels: int) -> int:
    """Columns of a table for so many labels."""
    return -(-n_labels // _LANES) * _LANES


def in_units(weights: Floats) -> Counts:
    """Weights as whole numbers of `UNIT`: (..., n_labels) to (..., n_lanes)."""
    n_labels = weights.shape[-1]
    found = np.zeros((*weights.shape[:-1], lanes(n_labels)), np.int16)
    found[..., :n_labels] = np.rint(np.clip(weights * (1 / UNIT), -_MOST, _MOST))
    return found


def on_grid(weights: NDArray[np.floating], step: float = GRID) -> Floats:
    """Round to multiples of a step on which float32 sums are exact in any order."""
    steps = weights * (1 / step)
    np.rint(steps, out=steps)
    steps *= step
    return steps.astype(np.float32, copy=False)


def product(values: Floats, weights: Floats) -> Floats:
    """Matrix product, summed in a fixed order whatever the number of rows."""
    total = np.zeros((weights.shape[1], len(values)), np.float32)
    for column, each in zip(values.T, weights, strict=True):
        total += column * each[:, None]
    return total.T
