"""What columns are said to add is what the heads added up: to a millionth, for both kinds."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from framing.contributions import contributions, expected_values
from framing.explain import GROUPS, group_of, head_groups
from framing.heads import BoostedHead, LinearHead, logit, with_labels
from framing.predictor import Framing
from framing.spans import feature_names

STORY = (
    "Critics slammed the reckless council on Monday. The shocking vote lays bare a failure of "
    'leadership. "It was a disgraceful, reckless failure and we will not forget it," Ana Ruiz '
    'said. The so-called "experts" left.\nREAD MORE: Subscribe to our newsletter\n'
)
NODE = np.dtype(
    [("value", float), ("count", int), ("feature_idx", int), ("num_threshold", float),
     ("missing_go_to_left", bool), ("left", int), ("right", int), ("is_leaf", bool)]
)  # fmt: skip


def tree(*nodes):
    return np.array(list(nodes), NODE)


# A split on column 2 (label columns 0 and 1), and below it on the left one on column 3.
TREE = tree(
    (9.0, 100, 2, 0.5, True, 1, 2, False),
    (9.0, 80, 3, 1.5, False, 3, 4, False),
    (5.0, 20, 0, 0.0, False, 0, 0, True),
    (-1.0, 60, 0, 0.0, False, 0, 0, True),
    (3.0, 20, 0, 0.0, False, 0, 0, True),
)


def by_hand(*trees, baseline=-2.0):
    predictors = [[SimpleNamespace(nodes=each)] for each in trees]
    return BoostedHead(
        SimpleNamespace(_predictors=predictors, _baseline_prediction=np.array([[baseline]])), 2
    )


def fitted(rng, n_labels=3, columns=6):
    from sklearn.ensemble import HistGradientBoostingClassifier

    features = rng.normal(size=(600, columns)).astype(np.float32)
    features[:, 0] = rng.integers(0, n_labels, 600)
    target = features[:, 1] * features[:, 2] + (features[:, 0] == 1) > 0.3
    estimator = HistGradientBoostingClassifier(max_iter=25, random_state=0)
    return BoostedHead(estimator.fit(with_labels(features, n_labels), target), n_labels), features


def test_expected_values_by_hand():
    left = (60 * -1 + 20 * 3) / 80
    assert expected_values(TREE).tolist() == [(80 * left + 20 * 5) / 100, left, 5, -1, 3]


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ((0, 0.0, 1.0), (0, -1, -1)),  # left, left
        ((1, 0.0, 2.0), (0, -1, 3)),  # left, right
        ((0, 1.0, 2.0), (0, 4, 0)),  # right
        ((0, np.nan, np.nan), (0, -1, 3)),  # where what is missing goes
        ((0, 0.5, 1.5), (0, -1, -1)),  # on the thresholds: left
    ],
)
def test_steps_are_credited_to_their_columns(row, parts):
    bias, found = contributions(by_hand(TREE), np.array([row], np.float32))
    assert bias.tolist() == [-2 + 1]
    assert found.tolist() == [list(parts)]


def test_trees_add_up_and_the_labels_are_one_column():
    split = tree(
        (0.0, 10, 1, 0.5, False, 1, 2, False),
        (-2.0, 5, 0, 0.0, False, 0, 0, True),
        (2.0, 5, 0, 0.0, False, 0, 0, True),
    )
    rows = np.array([[0, 1, 0], [1, 1, 0]], np.float32)
    bias, found = contributions(by_hand(TREE, split), rows)
    assert bias.tolist() == [-1, -1]
    assert found.tolist() == [[-2, 4, 0], [2, 4, 0]]


def test_a_tree_that_is_one_leaf():
    bias, found = contributions(by_hand(TREE[2:3]), np.zeros((1, 3), np.float32))
    assert (bias.tolist(), found.tolist()) == ([3], [[0, 0, 0]])


def test_boosted_parts_sum_to_the_raw_score():
    rng = np.random.default_rng(3)
    head, features = fitted(rng)
    features[::7, 2] = np.nan
    bias, parts = contributions(head, features)
    raw = head.estimator.decision_function(with_labels(features, head.n_labels))
    assert np.abs(bias + parts.sum(1) - raw).max() < 1e-6
    assert np.abs(parts[:, 1]).mean() > 5 * np.abs(parts[:, 5]).mean()
    assert len(set(bias.tolist())) == 1


def test_linear_parts_sum_to_the_logit():
    rng = np.random.default_rng(4)
    features = rng.normal(size=(50, 5)).astype(np.float32)
    features[:, 0] = rng.integers(0, 3, 50)
    head = LinearHead(np.array([1, 4]), rng.normal(size=(3, 2)), rng.normal(size=3))
    bias, parts = contributions(head, features)
    assert np.abs(bias + parts.sum(1) - logit(head.probabilities(features))).max() < 1e-6
    assert not parts[:, [0, 2, 3]].any()


def test_other_heads_are_refused():
    with pytest.raises(TypeError, match="SimpleNamespace"):
        contributions(SimpleNamespace(), np.zeros((1, 2), np.float32))


@pytest.mark.parametrize("text", [STORY, "READ MORE: Subscribe\nFollow us\nREAD MORE: Subscribe"])
def test_groups_sum_to_the_logit_without_a_remainder(eager_model, text):
    scored = eager_model.score([text])
    rows, scores = eager_model.decode(scored)
    assert len(rows)
    for row, score, groups in zip(
        rows, scores, head_groups(eager_model, scored, rows, scores), strict=True
    ):
        assert sum(groups.values()) == pytest.approx(logit(np.array([score]))[0], abs=1e-9)
        inside = (scored.candidates.start >= row[1]) & (scored.candidates.end <= row[2])
        mine = np.flatnonzero(
            inside & (scored.candidates.label == row[0]) & (scored.scores == score)
        )
        bias, parts = contributions(eager_model.spans, scored.features[mine[:1]])
        slope, intercept = eager_model.calibration[row[0]]
        exact = slope * (bias[0] + parts[0].sum()) + intercept
        assert exact == pytest.approx(logit(np.array([score]))[0], abs=1e-6)


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_explanations_of_the_shipped_models_have_no_remainder(kind, request):
    model = request.getfixturevalue(kind).model
    scored = model.score([STORY])
    bias, parts = contributions(model.spans, scored.features)
    slope, intercept = model.calibration[scored.candidates.label].T
    found = slope * (bias + parts.sum(1)) + intercept
    inside = np.abs(found) < 12  # logits of probabilities are cut off at 1e-6
    assert inside.any()
    assert np.abs(found - logit(scored.scores))[inside].max() < 1e-5


def test_every_column_has_a_group(schema):
    known = {*GROUPS}
    names = feature_names(schema.labels)
    assert {group_of(name, schema.names[0]) for name in names} <= known
    grouped = {name for names in GROUPS.values() for name in names.split("|")}
    assert {name for name in names if ": " not in name} <= grouped


@pytest.mark.parametrize(
    ("column", "group"),
    [
        ("mean: scare_quotes", "words weighed again"),
        ("sentence: scare_quotes", "sentence"),
        ("mean: speculation", "other devices"),
        ("share of sentence", "extent"),
        ("something new", "other devices"),
    ],
)
def test_groups_of_columns(column, group):
    assert group_of(column, "scare_quotes") == group


def test_a_span_says_what_moved_the_second_model(handmade_model):
    """The handmade head weighs the mean token logit once and has no bias: nothing is added."""
    (found,) = Framing(handmade_model).explain("It fell. The reckless mayor left.")
    assert {each.name for each in found.features} == {"place and bias"}
    assert found.words[0].weight + found.features[0].weight == pytest.approx(found.logit)
