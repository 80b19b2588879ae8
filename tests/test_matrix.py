"""The sparse training matrices times the weights are what prediction adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.exact import GRID, UNIT
from framing.features import pooled_logits, sentence_blocks, spoken_for, token_blocks
from framing.lexical import GROUPS, SENTENCE, Vectors, word_features
from framing.linear import Edges, Linear, mixed
from framing.matrix import sentence_matrix, token_matrix, word_matrices
from framing.pieces import Lexicon
from framing.text import read
from framing.voice import listen, silent

N_LABELS = 2
N_START = 3
DIMENSIONS = 4
PLAIN = np.array([1, 0, 0], np.float32)
NAMES = ("regime", "critics", "slammed", "the", "so", "called", "a", "mayor", "vote")
EXACT = Vectors(
    {name: row for row, name in enumerate(NAMES)},
    np.tile(np.array([-128, 64, 0, -64], np.int8), (len(NAMES), 1)),
)
"""The same few halves for all words: products with weights on the grid are exact."""
ROUGH = Vectors(
    EXACT.index,
    np.random.default_rng(5).integers(-128, 128, (len(NAMES), DIMENSIONS)).astype(np.int8),
)
TOKEN_BLOCKS, SENTENCE_BLOCKS = token_blocks(DIMENSIONS), sentence_blocks(DIMENSIONS, N_LABELS)
WIDTHS = (
    max(block.stop for block in TOKEN_BLOCKS.values()),
    max(block.stop for block in SENTENCE_BLOCKS.values()),
)
STARTED = token_blocks(DIMENSIONS, N_START), sentence_blocks(DIMENSIONS, N_LABELS, N_START)
SAMPLE = (
    """Critics slammed the so-called reform. "It was never a plan, it was a long, costly joke,"
the mayor's aide (a friend) said.
READ MORE: The regime's vote""",
    'The mayor called a vote; the vote slammed the "experts" again, critics said. U.S. aid fell',
)


def on_grid(rng, shape):
    """Random weights in [-1, 1], whose quarters are whole numbers of units."""
    return (rng.integers(-32, 33, shape) * 4 * UNIT).astype(np.float32)


def model_of(seed, vectors=EXACT, mix=None):
    rng = np.random.default_rng(seed)
    return Linear(
        vectors,
        on_grid(rng, (N_LABELS, WIDTHS[0])), on_grid(rng, N_LABELS),
        on_grid(rng, (N_LABELS, WIDTHS[1])), on_grid(rng, N_LABELS),
        np.tile(PLAIN if mix is None else np.asarray(mix, np.float32), (N_LABELS, 1)),
    )  # fmt: skip


def started(model, seed=8):
    """The same model with a start of other labels, and weights for what it says."""
    rng = np.random.default_rng(seed)
    width = max(block.stop for block in sentence_blocks(DIMENSIONS, N_START).values())
    begun = Linear(
        ROUGH,
        on_grid(rng, (N_START, WIDTHS[0])), on_grid(rng, N_START),
        on_grid(rng, (N_START, width)), on_grid(rng, N_START),
        np.tile(np.array([0.5, 0.25, 0], np.float32), (N_START, 1)),
    )  # fmt: skip
    return replace(
        model,
        token_weights=np.hstack((model.token_weights, on_grid(rng, (N_LABELS, N_START)))),
        sentence_weights=np.hstack((model.sentence_weights, on_grid(rng, (N_LABELS, 3 * N_START)))),
        start=begun,
    )


def block_model(tokens=None, sentences=None, model=None):
    """Weights in one block of columns only."""
    model = model or model_of(1)
    for weights, keep in ((model.token_weights, tokens), (model.sentence_weights, sentences)):
        chosen = weights[:, keep].copy() if keep else None
        weights[:] = 0
        if keep:
            weights[:, keep] = chosen
    model.token_bias[:] = model.sentence_bias[:] = 0
    return Linear(
        model.vectors, model.token_weights, model.token_bias, model.sentence_weights,
        model.sentence_bias, model.mix, model.start,
    )  # fmt: skip


def counted(batch):
    """Heard, and quoted words counted as the article's own."""
    return listen(batch, counted=True)


HEARD = st.sampled_from([listen, silent, counted])


def laid_out(model, texts, hear=listen):
    """A batch read, and both training matrices times the weights: (batch, evidence, ...)."""
    lexicon = Lexicon()
    model.forget()
    batch = read(texts, lexicon)
    voice = hear(batch)
    evidence = model.score(batch, voice, lexicon)
    begun = model.start and model.start.score(batch, voice, lexicon)
    matrix = token_matrix(batch, voice, lexicon, model.vectors, begun)
    tokens = matrix.astype(np.float64) @ model.token_weights.T.astype(np.float64) + model.token_bias
    pooled = pooled_logits(batch, ~spoken_for(batch, voice), tokens.astype(np.float32))
    matrix = sentence_matrix(batch, voice, lexicon, model.vectors, pooled, begun)
    weights = model.sentence_weights.T.astype(np.float64)
    return batch, evidence, tokens, matrix.astype(np.float64) @ weights + model.sentence_bias


MODELS = {seed: model_of(seed) for seed in range(3)}
SEEDS = st.sampled_from(sorted(MODELS))
BATCHES = st.lists(TEXTS, min_size=1, max_size=3).filter(lambda texts: "".join(texts).strip())


def edged(model, seed=9):
    """The same model with weights for where spans begin and end."""
    rng = np.random.default_rng(seed)
    width = model.token_weights.shape[1]
    return replace(model, edges=Edges(on_grid(rng, (5, width)), on_grid(rng, 5)))


@given(BATCHES, SEEDS, st.booleans())
@settings(max_examples=40)
def test_edges_add_up_and_change_nothing_else(texts, seed, begun):
    plain = started(MODELS[seed]) if begun else MODELS[seed]
    model, lexicon = edged(plain), Lexicon()
    batch = read(texts, lexicon)
    voice = listen(batch)
    found, other = model.score(batch, voice, lexicon), laid_out(plain, texts)[1]
    assert (found.tokens == other.tokens).all()
    assert (found.sentences == other.sentences).all()
    assert other.edges is None
    known = model.start and model.start.score(batch, voice, lexicon)
    matrix = token_matrix(batch, voice, lexicon, model.vectors, known).astype(np.float64)
    expected = matrix @ model.edges.weights.T.astype(np.float64) + model.edges.bias
    assert found.edges.shape == (len(batch), 5)
    assert np.allclose(found.edges, expected, atol=2**-12 if begun else 0, rtol=0)


@given(BATCHES, SEEDS, HEARD)
@settings(max_examples=60)
def test_tokens_add_up_exactly(texts, seed, hear):
    _, evidence, tokens, _ = laid_out(MODELS[seed], texts, hear)
    assert evidence.tokens.dtype == np.float32
    assert (evidence.tokens == tokens).all()


@given(BATCHES, SEEDS, HEARD)
@settings(max_examples=60)
def test_sentences_add_up(texts, seed, hear):
    _, evidence, _, sentences = laid_out(MODELS[seed], texts, hear)
    np.testing.assert_allclose(evidence.sentences, sentences, atol=1e-3, rtol=1e-5)


@given(BATCHES)
@settings(max_examples=30)
def test_tokens_add_up_with_any_vectors(texts):
    _, evidence, tokens, sentences = laid_out(ROUGH_MODEL, texts)
    np.testing.assert_allclose(evidence.tokens, tokens, atol=0.51 * UNIT, rtol=0)  # of one word
    np.testing.assert_allclose(evidence.sentences, sentences, atol=0.1, rtol=0)  # of many


ROUGH_MODEL = model_of(4, ROUGH)


STARTED_MODEL = started(ROUGH_MODEL)


@given(BATCHES, HEARD)
@settings(max_examples=40)
def test_both_add_up_with_a_start(texts, hear):
    _, evidence, tokens, sentences = laid_out(STARTED_MODEL, texts, hear)
    np.testing.assert_allclose(evidence.tokens, tokens, atol=0.51 * UNIT + GRID, rtol=0)
    np.testing.assert_allclose(evidence.sentences, sentences, atol=0.1, rtol=0)


def test_a_start_counts_alike():
    """What the start says is all there is: for tokens, and for sentences."""
    keys = ("start", 0), ("start", SENTENCE)
    tokens, sentences = (each[key] for each, key in zip(STARTED, keys, strict=True))
    model = block_model(tokens, sentences, started(model_of(1)))
    _, evidence, expected, by_sentence = laid_out(model, SAMPLE)
    assert np.ptp(expected, 0).min() > 1
    assert np.ptp(by_sentence, 0).min() > 1
    np.testing.assert_allclose(evidence.tokens, expected, atol=0.51 * GRID, rtol=0)
    np.testing.assert_allclose(evidence.sentences, by_sentence, atol=GRID, rtol=0)
    assert (evidence.tokens == evidence.start).all()


@pytest.mark.parametrize("key", TOKEN_BLOCKS, ids=str)
def test_every_block_of_tokens_counts_alike(key):
    model = block_model(tokens=TOKEN_BLOCKS[key])
    _, evidence, tokens, _ = laid_out(model, SAMPLE)
    assert np.ptp(tokens, 0).min() > 0
    assert (evidence.tokens == tokens).all()


@pytest.mark.parametrize("key", SENTENCE_BLOCKS, ids=str)
def test_every_block_of_sentences_counts_alike(key):
    at_all = TOKEN_BLOCKS["word", 0] if key[0] == "pooled" else None
    model = block_model(tokens=at_all, sentences=SENTENCE_BLOCKS[key])
    _, evidence, _, sentences = laid_out(model, SAMPLE)
    assert np.ptp(sentences, 0).min() > 0
    np.testing.assert_allclose(evidence.sentences, sentences, atol=GRID, rtol=0)


def test_mix_adds_the_sentence_to_its_tokens():
    model = model_of(2, mix=(0.5, 0.25, -0.125))
    batch, evidence, tokens, _ = laid_out(model, SAMPLE)
    shared = evidence.sentences.astype(np.float64) * 0.25 - 0.125
    np.testing.assert_allclose(
        evidence.tokens, tokens * 0.5 + shared[batch.sentence], atol=0.51 * GRID, rtol=0
    )
    again = mixed(tokens.astype(np.float32), evidence.sentences, batch, model.mix)
    assert (again == evidence.tokens).all()


@pytest.mark.parametrize("texts", [[], [""], ["", " \n "]])
def test_nothing_to_read(texts):
    lexicon = Lexicon()
    batch = read(texts, lexicon)
    evidence = MODELS[0].score(batch, listen(batch), lexicon)
    assert evidence.tokens.shape == evidence.sentences.shape == (0, N_LABELS)


# --- the matrices themselves --------------------------------------------------------------


def test_words_are_rows_and_groups_are_matrices():
    lexicon = Lexicon()
    read(["Critics slammed"], lexicon)
    matrices = word_matrices(word_features(lexicon.words, ROUGH))
    assert set(matrices) == {*(group.name for group in GROUPS), "vector"}
    for group in GROUPS:
        found = matrices[group.name]
        assert found.shape == (2, group.size)
        assert set(found.data) == {np.float32(group.scale)}
    expected = ROUGH.look_up(["critics", "slammed"])
    assert matrices["vector"].toarray().tolist() == expected.tolist()


def test_columns_stand_where_the_blocks_say():
    lexicon = Lexicon()
    batch = read(["Critics slammed"], lexicon)
    voice = listen(batch)
    matrix = token_matrix(batch, voice, lexicon, ROUGH)
    assert matrix.shape == (2, WIDTHS[0])
    words = matrix[:, TOKEN_BLOCKS["word", 0]].toarray()
    before = matrix[:, TOKEN_BLOCKS["word", -1]].toarray()
    after = matrix[:, TOKEN_BLOCKS["word", 1]].toarray()
    assert words.sum(1).tolist() == [1, 1]
    assert (before[1] == words[0]).all()
    assert not before[0].any()
    assert (after[0] == words[1]).all()
    assert not after[1].any()
    assert matrix[:, TOKEN_BLOCKS["pair", "right"]].sum(1).ravel().tolist() == [[1, 0]]
    assert matrix[:, TOKEN_BLOCKS["pair", "left"]].sum(1).ravel().tolist() == [[0, 1]]
    assert matrix[:, TOKEN_BLOCKS["kind triple", 0]].nnz == 0


def test_windows_end_with_the_line():
    lexicon = Lexicon()
    batch = read(["Critics\nslammed", "mayor"], lexicon)
    matrix = token_matrix(batch, listen(batch), lexicon, ROUGH)
    for step in (-3, -2, -1, 1, 2, 3):
        assert matrix[:, TOKEN_BLOCKS["word", step]].nnz == 0
    for key in (("pair", "left"), ("pair", "right"), ("kind pair", "left"), ("kind pair", "right")):
        assert matrix[:, TOKEN_BLOCKS[key]].nnz == 0


def test_speech_counts_for_no_sentence():
    lexicon = Lexicon()
    batch = read([SAMPLE[0]], lexicon)
    voice = listen(batch)
    pooled = np.zeros((len(batch.sentence_start) - 1, 2 * N_LABELS), np.float32)
    matrix = sentence_matrix(batch, voice, lexicon, ROUGH, pooled)
    block = matrix[:, SENTENCE_BLOCKS["word", SENTENCE]].toarray()
    own = ~spoken_for(batch, voice)
    assert not own.all()
    counted = [own[a:b].sum() for a, b in zip(batch.sentence_start, batch.sentence_start[1:])]  # noqa: B905
    for row, count in zip(block, counted, strict=True):
        assert row.sum() == pytest.approx(count / max(count, 1) ** 0.5, rel=1e-5)
