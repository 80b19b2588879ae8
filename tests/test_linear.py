from __future__ import annotations

import numpy as np
import pytest
from conftest import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matrix import ROUGH_MODEL, SAMPLE, STARTED_MODEL

from framing.exact import GRID, on_grid
from framing.lexical import SLOTS, word_features
from framing.linear import Linear
from framing.pieces import Lexicon
from framing.text import read
from framing.voice import listen


def scores(model, texts, lexicon):
    batch = read(texts, lexicon)
    return batch, model.score(batch, listen(batch), lexicon)


@pytest.fixture
def model():
    """A model of its own, for its table grows."""
    same = ROUGH_MODEL
    return Linear(
        same.vectors, same.token_weights, same.token_bias, same.sentence_weights,
        same.sentence_bias, np.array([[1, 0, 0], [0.5, 0.25, 1]], np.float32),
    )  # fmt: skip


@pytest.mark.parametrize("model", [ROUGH_MODEL, STARTED_MODEL], ids=["plain", "with a start"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=40)
def test_a_batch_gives_what_single_texts_give(model, texts):
    lexicon = Lexicon()
    model.forget()
    _, together = scores(model, texts, lexicon)
    alone = [scores(model, [text], lexicon)[1] for text in texts]
    assert (together.tokens == np.concatenate([each.tokens for each in alone])).all()
    assert (together.sentences == np.concatenate([each.sentences for each in alone])).all()


def test_scores_are_on_the_grid(model):
    for each in (model, STARTED_MODEL):
        _, evidence = scores(each, SAMPLE, Lexicon())
        assert (evidence.tokens / GRID % 1 == 0).all()
        assert (evidence.sentences / GRID % 1 == 0).all()


def test_a_start_forgets_with_its_model():
    """Or a lexicon that begins anew would give it the weights of other words."""
    lexicon = Lexicon()
    STARTED_MODEL.forget()
    _, first = scores(STARTED_MODEL, ["The mayor called a vote."], lexicon)
    lexicon.reset()
    STARTED_MODEL.forget()
    scores(STARTED_MODEL, ["critics slammed so many words of others here today"], lexicon)
    lexicon.reset()
    STARTED_MODEL.forget()
    assert STARTED_MODEL.start._table.known == 0
    scores(STARTED_MODEL, ["critics slammed others"], lexicon)
    lexicon.reset(keep=2)
    STARTED_MODEL.forget(keep=2)
    assert STARTED_MODEL.start._table.known == 2
    _, again = scores(STARTED_MODEL, ["The mayor called a vote."], lexicon)
    assert (first.tokens == again.tokens).all()


def test_words_learnt_later_weigh_the_same(model):
    """The table grows past its first size, and what it knew stays right."""
    lexicon = Lexicon()
    _, before = scores(model, SAMPLE, lexicon)
    many = " ".join(f"w{number:x}" for number in range(5000))
    _, first = scores(model, [many], lexicon)
    _, after = scores(model, SAMPLE, lexicon)
    assert len(lexicon.words) > 5000
    assert (before.tokens == after.tokens).all()
    model.forget()
    _, again = scores(model, [many], lexicon)
    assert (first.tokens == again.tokens).all()


def test_a_lexicon_that_was_reset_is_noticed(model):
    lexicon = Lexicon()
    _, before = scores(model, SAMPLE, lexicon)
    lexicon.reset()
    scores(model, ["another story"], lexicon)
    _, after = scores(model, SAMPLE, lexicon)
    assert (before.tokens == after.tokens).all()


def test_another_lexicon_is_noticed(model):
    _, before = scores(model, ["Critics slammed the vote"], Lexicon())
    model.forget()
    scores(model, ["The vote slammed critics"], Lexicon())  # as many words, in other rows
    _, after = scores(model, ["Critics slammed the vote"], Lexicon())
    assert (before.tokens == after.tokens).all()


def test_word_rows_are_one_slot_a_place(model):
    rows = model.word_rows(word_features(["critics", "", "\ud800"], model.vectors))
    assert rows.shape == (3, len(SLOTS), 2)
    assert (rows / GRID * 4 % 1 == 0).all()
    assert rows.any((1, 2)).all()


@given(st.lists(st.floats(-100, 100), min_size=1))
def test_rounding_to_the_grid(values):
    array = np.asarray(values)
    rounded = on_grid(array)
    assert (rounded / GRID % 1 == 0).all()
    assert np.abs(rounded - array).max() <= GRID / 2
    assert (on_grid(rounded) == rounded).all()


def test_sums_of_weights_on_the_grid_are_exact_in_any_order():
    rng = np.random.default_rng(0)
    weights = on_grid(rng.normal(size=500))
    total = weights.astype(np.float64).sum()
    for _ in range(5):
        rng.shuffle(weights)
        assert np.add.reduce(weights) == total
        assert weights.cumsum(dtype=np.float32)[-1] == total
