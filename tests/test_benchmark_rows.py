"""Scores of rows, and the measures over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score

from framing.pieces import Lexicon
from framing.text import read
from training.benchmarks.rows import (
    any_of,
    auc,
    choose_level,
    f1,
    macro_f1,
    row_scores,
    with_interval,
)
from training.benchmarks.sets import Row

TEXTS = ["One is here. Two is here.\nThree is here.", "Four."]
SENTENCES = np.array([0.5, 0.2, 0.1, 0.9])
LABELLED = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.1, 0.3, 0.5, 0.9]), st.integers(1, 3)),
    min_size=2, max_size=30,
)  # fmt: skip


def test_a_row_is_any_of_its_sentences():
    batch = read(TEXTS, Lexicon())
    line = TEXTS[0].index("\n")
    rows = [
        Row(3, 0, line, True),
        Row(3, line + 1, len(TEXTS[0]), False),
        Row(3, line, line + 1, False),
        Row(8, 0, 5, True),
    ]
    found = row_scores(batch, SENTENCES, rows, [3, 8])
    assert found == pytest.approx([1 - 0.5 * 0.8, 0.1, 0.0, 0.9])


def test_any_of_the_labels_chosen():
    probabilities = np.array([[0.5, 0.5, 1.0], [0.0, 0.2, 1.0]])
    assert any_of(probabilities, [0, 1]) == pytest.approx([0.75, 0.2])
    assert any_of(probabilities, []) == pytest.approx([0, 0])


@given(LABELLED)
def test_measures_are_those_of_scikit_learn(rows):
    truth, scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    decided = scores >= 0.4
    assert f1(truth, decided, weights) == pytest.approx(
        f1_score(truth, decided, sample_weight=weights, zero_division=0)
    )
    if 0 < truth.sum() < len(truth):
        assert auc(truth, scores, weights) == pytest.approx(
            roc_auc_score(truth, scores, sample_weight=weights)
        )
        assert macro_f1(truth, decided, weights) == pytest.approx(
            f1_score(truth, decided, sample_weight=weights, average="macro", zero_division=0)
        )
    else:
        assert auc(truth, scores, weights) == 0.5


@pytest.mark.parametrize(("measure", "expected"), [("macro-F1", 0.5), ("F1", (3 - 5**0.5) / 2)])
@pytest.mark.parametrize("power", [1, 3], ids=["calibrated", "too low"])
def test_the_level_is_the_best_to_be_expected(measure, expected, power):
    """Where every probability is as likely, the best levels are known: by symmetry; t² - 3t + 1."""
    rng = np.random.default_rng(0)
    chance = rng.random(20_000)
    truth = rng.random(len(chance)) < chance
    level = choose_level(truth, chance**power, measure)
    assert level ** (1 / power) == pytest.approx(expected, abs=0.03)


def test_the_level_does_not_follow_chance():
    """Of few rows the best threshold on the rows themselves strays four times as far."""
    rng = np.random.default_rng(0)
    levels = []
    for _ in range(20):
        chance = rng.random(500)
        levels.append(choose_level(rng.random(500) < chance, chance, "macro-F1"))
    assert np.std(levels) < 0.025


def test_the_level_of_rows_that_are_all_alike():
    """Nothing can be calibrated by them: their scores are taken at their word."""
    scores = np.linspace(0.01, 0.99, 99)
    levels = [choose_level(np.full(99, truth), scores, "macro-F1") for truth in (True, False)]
    assert levels == pytest.approx([0.5, 0.5], abs=0.02)


def test_intervals_draw_whole_groups():
    truth = np.array([True, False] * 20)
    scores = np.where(truth, 0.8, 0.2)
    scores[:4] = [0.1, 0.9, 0.1, 0.9]
    groups = ["bad"] * 4 + [f"g{number}" for number in range(36)]

    def area(weights):
        return auc(truth, scores, weights)

    value, low, high = with_interval(area, groups, 200)
    assert low < value < high
    _, narrow, _ = with_interval(area, [str(number) for number in range(40)], 200)
    assert low < narrow
    assert with_interval(lambda weights: 0.25, [], 10) == (0.25, 0.25, 0.25)
