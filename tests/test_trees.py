from __future__ import annotations

import copy

import numpy as np
import pytest

from framing.errors import ModelError
from framing.trees import check_trees

N_COLUMNS = 3


@pytest.fixture(scope="module")
def fitted():
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, N_COLUMNS)).astype(np.float32)
    estimator = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5, early_stopping=False)
    return estimator.fit(rows, rows[:, 0] + rows[:, 1] > 0)


@pytest.fixture(scope="module")
def categorical():
    """One whose trees split by category."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(0)
    rows = rng.integers(0, 9, (400, N_COLUMNS)).astype(np.float32)
    estimator = HistGradientBoostingClassifier(
        max_iter=3, min_samples_leaf=5, categorical_features=[0, 1, 2], early_stopping=False
    )
    estimator.fit(rows, (rows[:, 0] % 2) == (rows[:, 1] % 3 > 1))
    assert estimator._predictors[0][0].nodes["is_categorical"].any()
    return estimator


def changed(estimator, field, place, value):
    made = copy.deepcopy(estimator)
    made._predictors[0][0].nodes[field][place] = value
    return made


def inner(estimator):
    return int(np.flatnonzero(estimator._predictors[0][0].nodes["is_leaf"] == 0)[-1])


def test_what_scikit_learn_fits_is_fine(fitted):
    check_trees(fitted, N_COLUMNS)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("left", 10**6, "outside it or backwards"),
        ("right", 10**6, "outside it or backwards"),
        ("left", 0, "outside it or backwards"),
        ("right", 0, "outside it or backwards"),
        ("left", 2**32 - 1, "outside it or backwards"),
        ("feature_idx", N_COLUMNS, "columns that do not exist"),
        ("feature_idx", -1, "columns that do not exist"),
        ("feature_idx", 2**62, "columns that do not exist"),
        ("value", np.nan, "not finite"),
        ("value", np.inf, "not finite"),
    ],
)
def test_nodes_out_of_bounds(fitted, field, value, message):
    with pytest.raises(ModelError, match=message):
        check_trees(changed(fitted, field, inner(fitted), value), N_COLUMNS)


def test_a_node_that_is_its_own_child(fitted):
    place = inner(fitted)
    with pytest.raises(ModelError, match="backwards"):
        check_trees(changed(fitted, "left", place, place), N_COLUMNS)


def test_leaves_may_say_anything(fitted):
    leaf = int(np.flatnonzero(fitted._predictors[0][0].nodes["is_leaf"])[0])
    check_trees(changed(fitted, "left", leaf, 10**6), N_COLUMNS)


def test_a_leaf_that_becomes_a_branch(fitted):
    leaf = int(np.flatnonzero(fitted._predictors[0][0].nodes["is_leaf"])[-1])
    with pytest.raises(ModelError):
        check_trees(changed(fitted, "is_leaf", leaf, 0), N_COLUMNS)


@pytest.mark.parametrize("index", [10**6, 2**32 - 1])
def test_categories_that_do_not_exist(categorical, index):
    place = int(np.flatnonzero(categorical._predictors[0][0].nodes["is_categorical"])[0])
    with pytest.raises(ModelError, match="categories that do not exist"):
        check_trees(changed(categorical, "bitset_idx", place, index), N_COLUMNS)


def test_categories_behind_another_flag(fitted):
    place = inner(fitted)
    made = changed(fitted, "is_categorical", place, 2)
    made._predictors[0][0].nodes["bitset_idx"][place] = 2**32 - 1
    with pytest.raises(ModelError, match="categories"):
        check_trees(made, N_COLUMNS)


def test_categories_that_the_estimator_does_not_know(fitted):
    """A branch by category in trees fitted to numbers: the table behind it is empty."""
    place = inner(fitted)
    made = changed(fitted, "is_categorical", place, 1)
    made._predictors[0][0].nodes["bitset_idx"][place] = 0
    made._predictors[0][0].nodes["missing_go_to_left"][place] = 1
    made._predictors[0][0].raw_left_cat_bitsets = np.zeros((1, 8), np.uint32)
    with pytest.raises(ModelError, match="categories"):
        check_trees(made, N_COLUMNS)


def test_bitsets_of_another_width(categorical):
    made = copy.deepcopy(categorical)
    made._predictors[0][0].raw_left_cat_bitsets = np.zeros((99, 4), np.uint32)
    with pytest.raises(ModelError, match="categories that do not exist"):
        check_trees(made, N_COLUMNS)


def test_other_columns(fitted):
    with pytest.raises(ModelError, match="trees of 3 columns, 4 are wanted"):
        check_trees(fitted, N_COLUMNS + 1)


def test_other_estimators(fitted):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.tree import DecisionTreeClassifier

    class Subclass(HistGradientBoostingClassifier):
        pass

    rest = (DecisionTreeClassifier(), HistGradientBoostingRegressor(), Subclass(), None, {}, [])
    for other in rest:
        with pytest.raises(ModelError, match="not gradient boosting"):
            check_trees(other, N_COLUMNS)


@pytest.mark.parametrize("rounds", [[], (), None, "trees"])
def test_no_trees(fitted, rounds):
    made = copy.copy(fitted)
    made._predictors = rounds
    with pytest.raises(ModelError, match="without trees"):
        check_trees(made, N_COLUMNS)


def test_too_many_trees(fitted, monkeypatch):
    monkeypatch.setattr("framing.trees.MOST_TREES", 2)
    with pytest.raises(ModelError, match="too many"):
        check_trees(fitted, N_COLUMNS)


def test_trees_of_three_classes(fitted):
    made = copy.copy(fitted)
    made._predictors = [[*trees, *trees] for trees in fitted._predictors]
    with pytest.raises(ModelError, match="more than two classes"):
        check_trees(made, N_COLUMNS)


@pytest.mark.parametrize("baseline", [np.array([[np.nan]]), np.zeros((1, 2)), 0.0, np.zeros(1)])
def test_baselines(fitted, baseline):
    made = copy.copy(fitted)
    made._baseline_prediction = baseline
    with pytest.raises(ModelError, match="baseline"):
        check_trees(made, N_COLUMNS)


@pytest.mark.parametrize("nodes", [np.zeros(3), np.zeros((2, 2)), np.zeros(3, [("value", "<f8")])])
def test_other_layouts(fitted, nodes):
    made = copy.deepcopy(fitted)
    made._predictors[0][0].nodes = nodes
    with pytest.raises(ModelError, match="another layout"):
        check_trees(made, N_COLUMNS)


def test_empty_trees(fitted):
    made = copy.deepcopy(fitted)
    made._predictors[0][0].nodes = made._predictors[0][0].nodes[:0]
    with pytest.raises(ModelError, match="another layout"):
        check_trees(made, N_COLUMNS)
