"""From texts to spans by the handmade model, whose figures can be worked out on paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framing.heads import Gate, LinearHead
from framing.model import Model
from framing.pieces import Lexicon
from framing.spans import BASIC, feature_names

TEXT = 'He said "a reckless and disgraceful thing to do" twice. The "reform" lays bare it.'
#       0  1    23 4        5   6           7     8  9 10 11  12  13  14    16 17   18   19
SHORT = "The reckless mayor left. Subscribe now."
CLAUSE, PHRASE, MARKS, INSERT = range(4)
SURE, QUOTATION = 1 / (1 + np.exp(-4)), 1 / (1 + np.exp(-2))


@pytest.fixture
def model(handmade_model):
    """The handmade model, knowing no words."""
    linear = replace(handmade_model.linear)
    return replace(handmade_model, lexicon=Lexicon(), linear=linear)


def rows_of(scored):
    candidates = scored.candidates
    columns = (candidates.label, candidates.start, candidates.end)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def spans_of(model, text, thresholds=None, *, quoted=False):
    rows, _ = model.decode(model.score([text], quoted=quoted), thresholds)
    return [tuple(row) for row in rows.tolist()]


# --- score --------------------------------------------------------------------------------


def test_candidates_and_their_scores(model):
    scored = model.score([SHORT])
    assert rows_of(scored) == [(PHRASE, 1, 2), (INSERT, 5, 8)]
    insert = 16 / 3**0.5 - 4  # the word's weight over the root of the tokens, and the bias
    assert scored.scores.tolist() == pytest.approx([SURE, 1 / (1 + np.exp(-insert))], abs=1e-4)
    assert scored.features.shape == (2, len(BASIC))
    assert scored.features.dtype == np.float32
    assert scored.evidence.tokens[:, PHRASE].tolist() == [-4, 4, *[-4] * 6]
    assert scored.batch.texts == [SHORT]


def test_quoted_words_are_read_as_quoted_or_not(model):
    scored = model.score([TEXT])
    assert scored.voice.quoted.any()
    assert spans_of(model, TEXT) == [(MARKS, 2, 11), (MARKS, 14, 17), (CLAUSE, 17, 19)]
    loud = model.score([TEXT], quoted=True)
    assert not loud.voice.quoted.any()
    assert spans_of(model, TEXT, quoted=True) == [(PHRASE, 4, 5), (PHRASE, 6, 7), (CLAUSE, 17, 19)]


def gated(model, *least):
    """The model with a gate that looks at the mean logit, and a head that looks at the gate's."""
    names = feature_names(model.schema.labels)
    gate = LinearHead(np.array([BASIC.index("mean")]), np.ones((4, 1)), np.zeros(4))
    head = LinearHead(np.array([names.index("gate")]), np.full((4, 1), 0.5), np.zeros(4))
    return replace(model, gate=Gate(gate, np.array(least)), spans=head)


def test_a_gate_passes_what_is_likely_enough_by_label(model):
    every = rows_of(model.score([TEXT]))
    assert every[1:] == [
        (CLAUSE, 17, 19), (PHRASE, 4, 5), (PHRASE, 6, 7), (MARKS, 2, 11), (MARKS, 14, 17),
    ]  # fmt: skip
    assert rows_of(gated(model, 0, 0, 0, 0).score([TEXT])) == every
    assert rows_of(gated(model, 0.5, 0.99, 0.01, 0).score([TEXT])) == [
        (CLAUSE, 17, 19), (MARKS, 2, 11), (MARKS, 14, 17),
    ]  # fmt: skip


def test_what_is_just_likely_enough_passes(model):
    text = "Reckless vote fell"
    least = float(gated(model, 0, 0, 0, 0).gate.head.probabilities(model.score([text]).features)[0])
    assert rows_of(gated(model, 0, least, 0, 0).score([text])) == [(PHRASE, 0, 1)]
    assert rows_of(gated(model, 0, np.nextafter(least, 1), 0, 0).score([text])) == []


def test_a_gate_adds_the_other_features_and_its_logit(model):
    gate = gated(model, 0.5, 0.5, 0.01, 0)
    scored = gate.score([TEXT])
    names = feature_names(model.schema.labels)
    assert scored.features.shape == (5, len(names))
    assert scored.features.dtype == np.float32
    columns = dict(zip(names, scored.features.T.tolist(), strict=True))
    means = [4, 4, 4, -4, -4]
    assert columns["label"] == [CLAUSE, PHRASE, PHRASE, MARKS, MARKS]
    assert columns["mean"] == columns["highest"] == means
    assert columns["mean: loaded_language"] == pytest.approx([-4, 4, 4, -20 / 9, -4])
    assert columns["gate"] == pytest.approx(means)
    expected = 1 / (1 + np.exp(-np.array(means) / 2))
    assert scored.scores.tolist() == pytest.approx(expected.tolist())


def test_nothing_to_score(model):
    for each in (model, gated(model, 0, 0, 0, 0)):
        for texts in ([], [""], ["It fell."]):
            scored = each.score(texts)
            assert (len(scored.candidates), scored.scores.shape) == (0, (0,))
            rows, scores = each.decode(scored)
            assert (rows.shape, scores.shape) == ((0, 3), (0,))


# --- calibrate ----------------------------------------------------------------------------


def test_slope_and_intercept_are_the_labels(model):
    turned = replace(model, calibration=np.array([[2, 1], [1, 0], [-1, 0.5], [0, -1]]))
    label = np.array([0, 1, 2, 3, 2])
    found = turned.calibrate(np.array([0.75, 0.75, 0.75, 0.75, 0.5]), label)
    log3 = np.log(3)
    expected = [2 * log3 + 1, log3, 0.5 - log3, -1, 0.5]
    assert found.tolist() == pytest.approx([1 / (1 + np.exp(-each)) for each in expected])


def test_scores_are_calibrated(model):
    intercepts = np.array([-3.0, -2, -1, 1])
    turned = replace(model, calibration=np.column_stack((np.zeros(4), intercepts)))
    expected = 1 / (1 + np.exp(-intercepts[[PHRASE, INSERT]]))
    assert turned.score([SHORT]).scores.tolist() == pytest.approx(expected.tolist())


# --- decode -------------------------------------------------------------------------------


def test_spans_and_their_scores(model):
    rows, scores = model.decode(model.score([TEXT]))
    assert rows.tolist() == [[MARKS, 2, 11], [MARKS, 14, 17], [CLAUSE, 17, 19]]
    assert scores.tolist() == pytest.approx([QUOTATION, QUOTATION, SURE])


def test_thresholds_are_the_models_unless_others_are_given(model):
    strict = replace(model, thresholds=np.array([0.0, 0.99, 0.0, 0.99]))
    assert spans_of(model, SHORT) == [(PHRASE, 1, 2), (INSERT, 5, 8)]
    assert spans_of(strict, SHORT) == [(INSERT, 5, 8)]
    assert spans_of(model, SHORT, np.array([0.0, 0.5, 0.0, 0.999])) == [(PHRASE, 1, 2)]
    assert spans_of(strict, SHORT, np.zeros(4)) == [(PHRASE, 1, 2), (INSERT, 5, 8)]


def test_no_threshold_lets_quoted_words_pass(model):
    assert spans_of(model, TEXT, np.zeros(4)) == [(MARKS, 2, 11), (MARKS, 14, 17), (CLAUSE, 17, 19)]


def test_an_insert_hides_what_begins_in_it(model):
    assert spans_of(model, "Subscribe to the reckless regime.") == [(INSERT, 0, 6)]


# --- sentences ----------------------------------------------------------------------------


def test_probabilities_of_sentences(model):
    found = model.sentence_probabilities(model.score([SHORT]))
    logits = np.full((2, 4), -4.0)
    logits[0, PHRASE] = 16 / 5**0.5 - 4
    logits[1, INSERT] = 16 / 3**0.5 - 4
    assert found.shape == (2, 4)
    assert found == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-4)


@pytest.mark.parametrize(("texts", "n"), [([], 0), ([""], 0), (["Go"], 1), (["Go", "", "Go"], 2)])
def test_as_many_rows_as_sentences(model, texts, n):
    assert model.sentence_probabilities(model.score(texts)).shape == (n, 4)


# --- what it remembers --------------------------------------------------------------------


def test_words_are_forgotten_when_there_are_too_many(model, monkeypatch):
    monkeypatch.setattr("framing.model.MOST_WORDS", 3)
    model.score(["One two three"])
    model.score(["four"])  # three are not too many
    assert model.lexicon.words == ["One", "two", "three", "four"]
    found = model.score(["A reckless regime of disgraceful thugs"])  # the first one stays
    words = ["A", "reckless", "regime", "of", "disgraceful", "thugs"]
    assert model.lexicon.words == ["One", *words]
    assert found.evidence.tokens[:, PHRASE].tolist() == [-4, 4, 4, -4, 4, 4]
    found = model.score(["One disgraceful four"])
    assert model.lexicon.words == ["One", "disgraceful", "four"]
    assert found.evidence.tokens[:, PHRASE].tolist() == [-4, 4, -4]


def test_each_model_has_its_own_words(model):
    parts = [getattr(model, name) for name in list(Model.__dataclass_fields__)[:9]]
    one, other = Model(*parts), Model(*parts)
    assert one.meta == {}
    assert one.meta is not other.meta
    assert one.lexicon is not other.lexicon
    assert repr(one).endswith(f"meta={one.meta})")  # and no word of a lexicon
