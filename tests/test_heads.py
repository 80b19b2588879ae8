from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.candidates import Candidates
from framing.features import pooled_logits, spoken_for, token_places
from framing.heads import BoostedHead, LinearHead, logit, sentence_features, sigmoid, with_labels
from framing.linear import Evidence
from framing.pieces import Lexicon
from framing.text import read
from framing.voice import Voice


@given(st.floats(-13, 13))
def test_logit_undoes_sigmoid(value):
    assert logit(sigmoid(np.array([value])))[0] == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0.5), (np.log(3), 0.75), (1e9, 1), (-1e9, 0), (np.inf, 1), (-np.inf, 0)],
)
def test_sigmoid(value, expected):
    assert sigmoid(np.array([value]))[0] == pytest.approx(expected)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_logit_is_finite_at_the_ends(end):
    assert abs(logit(np.array([end]))[0]) == pytest.approx(np.log(1e6), rel=1e-3)


def test_linear_head_weighs_its_columns_label_by_label():
    head = LinearHead(np.array([1, 3]), np.array([[1.0, 10], [2, 0]]), np.array([0.5, -1]))
    rows = np.array([[0, 0.1, 99, 0.2], [1, 0.1, 99, 7], [0, 0, 0, 0]], np.float32)
    expected = sigmoid(np.array([0.5 + 0.1 + 2, -1 + 0.2, 0.5]))
    assert head.probabilities(rows).tolist() == pytest.approx(expected.tolist())


class Remembering:
    """Stands for a fitted estimator; keeps the rows that it was given."""

    def __init__(self):
        self.seen = []

    def predict_proba(self, rows):
        self.seen += rows.tolist()
        share = rows[:, -1] / 10
        return np.column_stack((1 - share, share))


def test_boosted_head_sees_labels_as_columns():
    estimator = Remembering()
    rows = np.array([[1, 5, 6], [0, 7, 8]], np.float32)
    assert BoostedHead(estimator, 3).probabilities(rows).tolist() == pytest.approx([0.6, 0.8])
    assert estimator.seen == [[0, 1, 0, 5, 6], [1, 0, 0, 7, 8]]
    assert with_labels(rows, 2).tolist() == [[0, 1, 5, 6], [1, 0, 7, 8]]


@pytest.mark.parametrize(
    "head",
    [LinearHead(np.array([1]), np.ones((1, 1)), np.ones(1)), BoostedHead(Remembering(), 1)],
)
def test_no_rows(head):
    assert head.probabilities(np.zeros((0, 3), np.float32)).shape == (0,)


@pytest.mark.parametrize("counted", [False, True])
def test_features_of_sentences(counted):
    batch = read(["It fell. He ran", "Go"], Lexicon())  # It fell . | He ran | Go
    speech = np.array([0, 0, 0, 1, 0, 0], bool)
    voice = Voice(speech, np.array([3]), np.array([4]), np.array([False]), counted)
    tokens = np.array([[1, -1], [2, 0], [0, -9], [3, 3], [1, 2], [0, 0]], np.float32)
    sentences = np.array([[9, 1], [2, -2], [0, 0.5]], np.float32)
    own = ~spoken_for(batch, voice)
    assert own.all() == counted
    evidence = Evidence(tokens, sentences, token_places(batch, voice), own)
    candidates = Candidates(np.array([0, 0, 1]), np.array([0, 1, 4]), np.array([1, 3, 5]))
    rows = sentence_features(batch, evidence, candidates, np.array([0.2, 0.5, 0.999999999]))
    assert rows.shape == (6, 7 + 4 * 2)
    assert rows[:, 0].tolist() == [0, 1, 0, 1, 0, 1]
    assert rows[:, 1].tolist() == pytest.approx([0, -8, -8, 8, -8, -8])  # the best candidate's
    assert rows[:, 2].tolist() == [8, 1, 2, -2, 0, 0.5]
    pooled = pooled_logits(batch, own, tokens)
    assert rows[:, 3].tolist() == pooled[:, :2].ravel().tolist()
    assert rows[:, 4].tolist() == pooled[:, 2:].ravel().tolist()
    assert rows[:, 5].tolist() == [3, 3, 2, 2, 1, 1]
    assert rows[:, 6].tolist() == [1, 1, 0.5, 0.5, 1, 1]
    assert (rows[0, 7:] == rows[1, 7:]).all()
    assert rows[0, 7:9].tolist() == [8, 1]
    assert rows[0, 9:13].tolist() == pooled[0].tolist()
    assert rows[2, 13:].tolist() == pytest.approx([-8, logit(np.array([0.999999999]))[0]])
