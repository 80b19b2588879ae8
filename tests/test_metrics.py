from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.metrics import (
    COUNTS,
    Score,
    average_precision,
    bootstrap,
    calibration_bins,
    calibration_error,
    count_matches,
    exact,
    iou,
    matched,
    one_to_one,
    partial,
    weights_of_groups,
)


def counted(gold, predicted):
    return dict(zip(COUNTS, count_matches(gold, predicted), strict=True))


def scored(reading, gold, predicted):
    return reading(np.array(count_matches(gold, predicted)))


# --- overlap ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 4), (0, 4), 1),
        ((0, 4), (2, 6), 2 / 6),
        ((0, 4), (4, 8), 0),
        ((0, 4), (6, 8), 0),
        ((0, 8), (2, 4), 2 / 8),
    ],
)
def test_iou(a, b, expected):
    assert iou(a, b) == iou(b, a) == pytest.approx(expected)


# --- readings -----------------------------------------------------------------------------


def test_worked_example():
    """Gold [0,10) [20,30); predicted [0,10) [22,32) [40,50)."""
    gold, predicted = [(0, 10), (20, 30)], [(0, 10), (22, 32), (40, 50)]
    found = counted(gold, predicted)
    assert found == {
        "gold": 2, "predicted": 3, "exact": 1, "covered_gold": pytest.approx(1.8),
        "covered_predicted": pytest.approx(1.8), "matched": 2,
    }  # fmt: skip
    assert scored(exact, gold, predicted) == Score(1 / 3, 1 / 2)
    assert scored(exact, gold, predicted).f1 == pytest.approx(0.4)
    reading = scored(partial, gold, predicted)
    assert (reading.precision, reading.recall) == pytest.approx((0.6, 0.9))
    assert reading.f1 == pytest.approx(0.72)
    reading = scored(one_to_one, gold, predicted)
    assert (reading.precision, reading.recall) == pytest.approx((2 / 3, 1))
    assert reading.f1 == pytest.approx(0.8)


def test_partial_shares_are_of_each_span_itself():
    """A long prediction covers a short mark wholly, and is itself covered by a quarter."""
    reading = scored(partial, [(4, 6)], [(0, 8)])
    assert (reading.precision, reading.recall) == (0.25, 1)
    reading = scored(partial, [(0, 8)], [(4, 6)])
    assert (reading.precision, reading.recall) == (1, 0.25)


def test_partial_adds_up_over_pieces():
    """One mark found in two pieces; two marks found by one span."""
    assert counted([(0, 10)], [(0, 4), (6, 10)])["covered_gold"] == pytest.approx(0.8)
    assert counted([(0, 10)], [(0, 4), (6, 10)])["covered_predicted"] == 2
    assert counted([(0, 4), (6, 10)], [(0, 10)])["covered_gold"] == 2
    assert counted([(0, 4), (6, 10)], [(0, 10)])["covered_predicted"] == pytest.approx(0.8)


def test_one_to_one_uses_each_span_once():
    assert matched([(0, 10)], [(0, 6), (0, 10), (1, 10)]) == 1
    assert matched([(0, 10), (0, 9)], [(0, 10)]) == 1


def test_one_to_one_takes_the_best_pair_first():
    assert matched([(0, 10), (0, 6)], [(0, 7), (0, 10)]) == 2
    assert matched([(0, 4), (2, 8)], [(0, 8)]) == 1


@pytest.mark.parametrize(("end", "count"), [(5, 1), (4, 0)])
def test_half_of_the_union_is_enough(end, count):
    assert matched([(0, 10)], [(0, end)]) == count


@pytest.mark.parametrize("reading", [exact, partial, one_to_one])
@pytest.mark.parametrize(
    ("gold", "predicted"), [([], []), ([(0, 1)], []), ([], [(0, 1)]), ([(0, 1)], [(1, 2)])]
)
def test_nothing_right_is_zero(reading, gold, predicted):
    score = scored(reading, gold, predicted)
    assert (score.precision, score.recall, score.f1) == (0, 0, 0)


SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=6
).map(lambda rows: [(start, start + length) for start, length in rows])  # fmt: skip


def apart(spans):
    kept = []
    for start, end in sorted(spans):
        if not kept or kept[-1][1] <= start:
            kept.append((start, end))
    return kept


@given(SPANS.map(apart), SPANS.map(apart))
def test_readings_of_any_spans(gold, predicted):
    found = counted(gold, predicted)
    assert found["exact"] <= found["matched"] <= min(len(gold), len(predicted))
    assert found["exact"] <= found["covered_gold"] + 1e-9 <= len(gold) + 2e-9
    assert found["covered_predicted"] <= len(predicted) + 1e-9
    for reading in (exact, partial, one_to_one):
        there, back = scored(reading, gold, predicted), scored(reading, predicted, gold)
        assert 0 <= there.f1 <= 1 + 1e-9
        assert (there.precision, there.recall) == pytest.approx((back.recall, back.precision))
        if gold:
            assert scored(reading, gold, gold).f1 == pytest.approx(1)


# --- intervals ----------------------------------------------------------------------------


def mean_of(total):
    return float(total[0] / total[1]) if total[1] else 0.0


def test_bootstrap_bounds():
    rng = np.random.default_rng(2)
    rows = np.column_stack((rng.integers(0, 2, 200), np.ones(200)))
    groups = [str(number) for number in range(200)]
    low, high = bootstrap(mean_of, rows, groups)
    mean = rows[:, 0].mean()
    assert low < mean < high
    error = (mean * (1 - mean) / 200) ** 0.5
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.15)
    assert bootstrap(mean_of, rows, groups) == (low, high)
    assert bootstrap(mean_of, rows, groups, seed=1) != (low, high)


def test_bootstrap_draws_whole_groups():
    """Rows that cancel out within every group leave nothing to vary."""
    rows = np.array([[0.0, 1], [1, 1]] * 30)
    pairs = [str(number // 2) for number in range(60)]
    assert bootstrap(mean_of, rows, pairs) == (0.5, 0.5)
    low, high = bootstrap(mean_of, rows, [str(number) for number in range(60)])
    assert low < 0.5 < high


@pytest.mark.parametrize("rows", [np.ones((5, 2)), np.tile([0.0, 3.0], (5, 1))])
def test_bootstrap_of_equal_rows_is_a_point(rows):
    low, high = bootstrap(mean_of, rows, list("abcde"))
    assert low == high == mean_of(rows.sum(0))


def test_bootstrap_of_nothing_and_of_one():
    assert bootstrap(mean_of, np.zeros((0, 2)), []) == (0, 0)
    assert bootstrap(mean_of, np.array([[1.0, 4]]), ["a"]) == (0.25, 0.25)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from("abc")), min_size=1)
)
def test_bootstrap_of_any_rows(rows):
    counts = np.array([[min(a, b), b] for a, b, _ in rows], float)
    low, high = bootstrap(mean_of, counts, [group for *_, group in rows], repeats=50)
    assert 0 <= low <= high <= 1


# --- calibration --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "hits", "expected"),
    [
        ([], [], 0),
        ([0.95, 0.95], [1, 1], 0.05),
        ([0.95, 0.95], [0, 0], 0.95),
        ([0.5, 0.5], [0, 1], 0),
        ([1.0], [1], 0),  # the last bin has its end
        ([0.15, 0.15, 0.85, 0.85], [0, 0, 1, 0], (2 * 0.15 + 2 * 0.35) / 4),
        ([0.05, 0.15], [1, 0], (0.95 + 0.15) / 2),  # two bins, not one
    ],
)
def test_calibration_error(scores, hits, expected):
    found = calibration_error(np.array(scores, float), np.array(hits, float))
    assert found == pytest.approx(expected)


def test_fewer_bins_are_kinder():
    scores, hits = np.array([0.05, 0.15]), np.array([1.0, 0.0])
    assert calibration_error(scores, hits, bins=1) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("scores", "hits", "expected"),
    [
        (list(range(20)), [1] * 20, [(10, 4.5, 1), (10, 14.5, 1)]),
        ([0.9, 0.1, 0.5], [1, 0, 1], [(2, 0.3, 0.5), (1, 0.9, 1)]),
        ([0.5], [1], [(1, 0.5, 1)]),
        ([], [], []),
    ],
)
def test_bins_of_equal_mass(scores, hits, expected):
    found = calibration_bins(np.array(scores, float), np.array(hits, float), 2, equal_mass=True)
    assert found == [pytest.approx(part) for part in expected]


def test_error_over_bins_of_equal_mass():
    scores, hits = np.array([0.1, 0.11, 0.12, 0.9]), np.array([0, 0, 1, 1.0])
    error = calibration_error(scores, hits, 2, equal_mass=True)
    assert error == pytest.approx((abs(0.21 - 0) + abs(1.02 - 2)) / 4)


@pytest.mark.parametrize(
    ("scores", "hits", "n_gold", "expected"),
    [
        ([0.9, 0.8], [1, 1], 2, 1),
        ([0.9, 0.8], [1, 1], 4, 0.5),  # what is never proposed counts as lost
        ([0.9, 0.8], [0, 1], 1, 0.5),
        ([0.8, 0.9], [1, 0], 1, 0.5),
        ([0.7, 0.9, 0.8, 0.6], [1, 1, 0, 0], 2, (1 + 2 / 3) / 2),
        ([0.5, 0.5], [1, 0], 1, 0.5),
        ([0.5, 0.5], [0, 1], 1, 0.5),  # the order of equal scores says nothing
        ([0.9], [0], 3, 0),
        ([], [], 3, 0),
        ([0.9], [0], 0, 0),
    ],
)
def test_average_precision(scores, hits, n_gold, expected):
    found = average_precision(np.array(scores, float), np.array(hits, float), n_gold)
    assert found == pytest.approx(expected)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_resamples_of_whole_groups(groups):
    drawn = list(weights_of_groups(groups, repeats=20))
    assert len(drawn) == 20
    for weights in drawn:
        by_group = {name: set() for name in groups}
        for name, weight in zip(groups, weights.tolist(), strict=True):
            by_group[name].add(weight)
        assert all(len(each) == 1 for each in by_group.values())
        assert sum(each.pop() for each in by_group.values()) == len(by_group)


def test_resamples_are_the_same_again_and_none_of_nothing():
    groups = ["a", "b", "b", "c"]
    first = [weights.tolist() for weights in weights_of_groups(groups, repeats=5)]
    assert first == [weights.tolist() for weights in weights_of_groups(groups, repeats=5)]
    assert len({tuple(weights) for weights in first}) > 1
    assert list(weights_of_groups([])) == []
