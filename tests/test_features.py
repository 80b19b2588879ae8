from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conftest import TEXTS
from hypothesis import given
from hypothesis import strategies as st

from framing.features import (
    KIND_PAIRS,
    KIND_TRIPLES,
    LOGIT_RANGE,
    PAIRS,
    PLACE_COLUMNS,
    PLACES,
    kind_pair_columns,
    kind_triple_columns,
    neighbours,
    pair_columns,
    place_codes,
    place_table,
    pooled_logits,
    sentence_blocks,
    sentence_places,
    sentence_scale,
    spoken_for,
    sum_by_sentence,
    token_blocks,
    token_places,
)
from framing.lexical import GROUPS, KINDS, word_hash
from framing.pieces import Lexicon
from framing.text import read
from framing.voice import listen

# --- words together -----------------------------------------------------------------------


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=9))
def test_pairs_stand_within_their_columns(hashes):
    columns = pair_columns(np.asarray(hashes, np.int64))
    assert ((columns >= 0) & (columns < PAIRS)).all()


@given(st.lists(st.integers(0, KINDS - 1), min_size=1, max_size=9))
def test_kinds_together_stand_within_their_columns(kinds):
    array = np.asarray(kinds, np.int64)
    assert kind_pair_columns(array).max() < KIND_PAIRS
    triples = kind_triple_columns(array)
    assert ((triples >= 0) & (triples < KIND_TRIPLES)).all()
    assert (kind_pair_columns(array)[:-1] // KINDS).tolist() == kinds[:-1]
    assert (kind_pair_columns(array)[:-1] % KINDS).tolist() == kinds[1:]


def test_pairs_know_which_word_comes_first():
    a, b = word_hash("regime"), word_hash("critics")
    there, back = pair_columns(np.array([a, b])), pair_columns(np.array([b, a]))
    assert there[0] != back[0]


# --- places -------------------------------------------------------------------------------


def scene(*texts):
    batch = read(list(texts), Lexicon())
    return batch, listen(batch)


def tokens_of(batch):
    return [
        batch.texts[d][s:e] for d, s, e in zip(batch.document, batch.start, batch.end, strict=True)
    ]


def place(name, *texts):
    """Value of one place for every token, by position."""
    number = [each for each, _ in PLACES].index(name)
    return token_places(*scene(*texts))[number].tolist()


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("attribution", "He said it. Now rest.", [2, 0, 1, 1, 0, 0, 0]),
        ("attribution", "He said she said no", [2, 2, 3, 1, 1]),
        ("from start", "One two three four five. Six", [0, 1, 2, 3, 3, 3, 0]),
        ("to end", "One two three four. Six", [2, 2, 2, 1, 0, 0]),
        ("bracket", "a (b c) d", [0, 1, 1, 1, 0, 0]),
        ("bracket", "a (b\nc) d", [0, 1, 1, 0, 0, 0]),  # brackets end with their line
        ("line", "It fell. He ran.", [0] * 6),
        ("line", "It fell.", [1] * 3),
        ("line", "Tower falls", [2] * 2),
        ("line", "word " * 16, [3] * 16),
        ("position in line", "It fell. He ran.\nYes.", [0, 0, 0, 1, 1, 1, 0, 0]),
    ],
)
def test_places(name, text, values):
    assert place(name, text) == values


def test_quotations_are_phrases_in_marks_or_speech():
    text = 'The "reform" failed. "It was a very sad and long day for all of us here," Jo said.'
    batch, voice = scene(text)
    kinds = dict(zip(tokens_of(batch), place("quotation", text), strict=True))
    assert kinds["The"] == kinds["failed"] == kinds["Jo"] == 0
    assert kinds["reform"] == 1
    assert kinds["sad"] == kinds["us"] == 2
    own = dict(zip(tokens_of(batch), ~spoken_for(batch, voice), strict=True))
    assert own["reform"]
    assert not own["sad"]


@given(st.lists(TEXTS, max_size=3))
def test_place_values_stand_within_their_sizes(texts):
    places = token_places(*scene(*texts))
    assert len(places) == len(PLACES)
    for (_, size), values in zip(PLACES, places, strict=True):
        assert ((values >= 0) & (values < size)).all()


def test_place_table_holds_every_sum():
    rng = np.random.default_rng(3)
    weights = rng.integers(-99, 99, (PLACE_COLUMNS, 2)).astype(np.float32)
    table = place_table(weights)
    assert len(table) == np.prod([size for _, size in PLACES])
    values = [rng.integers(0, size, 50) for _, size in PLACES]
    offsets = np.cumsum([0, *(size for _, size in PLACES)])[:-1]
    expected = sum(weights[each + at] for each, at in zip(values, offsets, strict=True))
    assert (table[place_codes(values)] == expected).all()


def test_neighbours_stand_in_the_same_line():
    batch, _ = scene("a b\nc", "d")
    after, same = neighbours(batch, 1)
    assert same.tolist() == [True, False, False, False]
    assert after[0] == 1
    before, same = neighbours(batch, -1)
    assert same.tolist() == [False, True, False, False]
    assert before[1] == 0


@given(st.lists(TEXTS, max_size=3), st.integers(-3, 3))
def test_neighbours_never_leave_line_or_batch(texts, step):
    batch, _ = scene(*texts)
    near, same = neighbours(batch, step)
    assert ((near >= 0) & (near < max(len(batch), 1))).all()
    assert (batch.line[near[same]] == batch.line[same]).all()
    assert (near[same] - np.flatnonzero(same) == step).all()


# --- sentences ----------------------------------------------------------------------------


def test_sentence_sums_and_scale():
    batch, _ = scene("a b. C d e f", "g")  # 3, 4 and 1 tokens
    own = np.array([1, 1, 1, 1, 1, 1, 1, 0], bool)
    assert sum_by_sentence(np.arange(8.0), batch).tolist() == [3, 18, 7]
    assert sentence_scale(batch, own).tolist() == pytest.approx([3**-0.5, 0.5, 1])


def test_pooled_logits():
    batch, _ = scene("a b. C d")
    logits = np.array([[1], [9], [-9], [0], [-2]], np.float32)
    own = np.array([1, 1, 1, 0, 1], bool)
    low, high = LOGIT_RANGE
    highest, mean = pooled_logits(batch, own, logits).T
    assert highest.tolist() == pytest.approx([high, -2])
    assert mean.tolist() == pytest.approx([(1 + high + low) / 3, (low - 2) / 2])


def test_sentence_places_are_shares():
    batch, voice = scene("He said it. (Now) rest.")
    places = token_places(batch, voice)
    shares = sentence_places(batch, places)
    assert shares.shape == (2, PLACE_COLUMNS)
    assert shares.sum(1).tolist() == pytest.approx([len(PLACES)] * 2)
    assert shares[0, :4].tolist() == pytest.approx([0.25, 0.5, 0.25, 0])


# --- blocks -------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [token_blocks(5), sentence_blocks(5, 3)])
def test_blocks_tile_the_columns(blocks):
    ordered = list(blocks.values())
    assert ordered[0].start == 0
    assert all(a.stop == b.start for a, b in pairwise(ordered))
    assert all(block.stop > block.start for block in ordered)


def test_blocks_have_room_for_what_they_hold():
    tokens, sentences = token_blocks(5), sentence_blocks(5, 3)
    sizes = {group.name: group.size for group in GROUPS}
    sizes |= {"vector": 5, "place": PLACE_COLUMNS, "pair": PAIRS, "pooled": 6}
    sizes |= {"kind pair": KIND_PAIRS, "kind triple": KIND_TRIPLES}
    for (name, _), block in [*tokens.items(), *sentences.items()]:
        assert block.stop - block.start == sizes[name]
