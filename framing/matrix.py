"""The features of a batch as sparse matrices: what the linear models are fitted to.

Column for column this is what `framing.linear` adds up at prediction; a test holds
the two together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from framing.features import (
    KIND_PAIRS,
    KIND_SLOTS,
    KIND_TRIPLES,
    PAIR_SLOTS,
    PAIRS,
    PLACE_COLUMNS,
    PLACES,
    kind_pair_columns,
    kind_triple_columns,
    neighbours,
    pair_columns,
    sentence_blocks,
    sentence_places,
    sentence_scale,
    spoken_for,
    start_sentences,
    start_tokens,
    token_blocks,
    token_places,
)
from framing.lexical import (
    GROUPS,
    SENTENCE,
    VECTOR_SLOTS,
    Floats,
    Slot,
    Vectors,
    WordFeatures,
    word_features,
)
from framing.linear import Evidence
from framing.pieces import Lexicon
from framing.text import Batch, Bools, Ints
from framing.voice import Voice

Sparse = Any


def word_matrices(found: WordFeatures) -> dict[str, Sparse]:
    """Features of every piece of the lexicon, one matrix a group: (n_pieces, size)."""
    matrices: dict[str, Sparse] = {}
    for group in GROUPS:
        counts = found.counts[group.name]
        edges = np.concatenate(([0], np.cumsum(counts)))
        columns = found.columns[group.name]
        values = np.full(len(columns), group.scale, np.float32)
        shape = (len(counts), group.size)
        matrices[group.name] = sparse.csr_matrix((values, columns, edges), shape)
    matrices["vector"] = sparse.csr_matrix(found.vectors)
    return matrices


def _slots() -> list[tuple[str, Slot]]:
    pairs = [(group.name, slot) for group in GROUPS for slot in group.slots]
    return pairs + [("vector", slot) for slot in VECTOR_SLOTS]


def _pair_matrix(batch: Batch, found: WordFeatures) -> Sparse:
    """The pair that each token forms with the next one of its line: (n, PAIRS)."""
    columns = pair_columns(found.hashes[batch.row])
    _, follows = neighbours(batch, 1)
    return _one_column(columns, follows, PAIRS)


def _one_column(columns: Ints, rows: Bools, width: int) -> Sparse:
    """One 1 a row at the column given, in the rows chosen: (n, width)."""
    chosen = np.flatnonzero(rows)
    values = np.ones(len(chosen), np.float32)
    return sparse.csr_matrix((values, (chosen, columns[chosen])), (len(columns), width))


def _kind_matrices(batch: Batch, found: WordFeatures) -> tuple[Sparse, Sparse]:
    """Pairs of kinds with the next token, and triples around each token."""
    kinds = found.kinds[batch.row]
    _, follows = neighbours(batch, 1)
    _, precedes = neighbours(batch, -1)
    pairs = _one_column(kind_pair_columns(kinds), follows, KIND_PAIRS)
    triples = _one_column(kind_triple_columns(kinds), follows & precedes, KIND_TRIPLES)
    return pairs, triples


def _place_matrix(places: list[Ints]) -> Sparse:
    offsets = np.concatenate(([0], np.cumsum([size for _, size in PLACES])[:-1]))
    columns = np.column_stack([values + at for values, at in zip(places, offsets, strict=True)])
    n, width = columns.shape
    edges = np.arange(0, n * width + 1, width)
    values = np.ones(n * width, np.float32)
    return sparse.csr_matrix((values, columns.ravel(), edges), (n, PLACE_COLUMNS))


def _shifted(matrix: Sparse) -> Sparse:
    """Each row given to the next token."""
    first = sparse.csr_matrix((1, matrix.shape[1]), dtype=np.float32)
    return sparse.vstack((first, matrix[:-1]))


def token_matrix(
    batch: Batch,
    voice: Voice,
    lexicon: Lexicon,
    vectors: Vectors,
    start: Evidence | None = None,
) -> Sparse:
    """Columns of `features.token_blocks` for every token, as a CSR matrix.

    `start` is what the model that training starts from says of the batch.
    """
    found = word_features(lexicon.words, vectors)
    words = word_matrices(found)
    blocks: dict[tuple[str, Slot], Sparse] = {}
    for name, slot in _slots():
        if slot == SENTENCE:
            continue
        near, same = neighbours(batch, int(slot))
        part = words[name][batch.row[near]]
        blocks[name, slot] = part if same.all() else sparse.diags(same.astype(np.float32)) @ part
    pairs = _pair_matrix(batch, found)
    blocks["pair", PAIR_SLOTS[0]], blocks["pair", PAIR_SLOTS[1]] = _shifted(pairs), pairs
    kinds, blocks["kind triple", 0] = _kind_matrices(batch, found)
    blocks["kind pair", KIND_SLOTS[0]], blocks["kind pair", KIND_SLOTS[1]] = _shifted(kinds), kinds
    blocks["place", 0] = _place_matrix(token_places(batch, voice))
    if start:
        blocks["start", 0] = sparse.csr_matrix(start_tokens(start.tokens))
    order = token_blocks(vectors.dimensions, start.tokens.shape[1] if start else 0)
    return sparse.hstack([blocks[key] for key in order], format="csr", dtype=np.float32)


def sentence_matrix(
    batch: Batch,
    voice: Voice,
    lexicon: Lexicon,
    vectors: Vectors,
    pooled: Floats,
    start: Evidence | None = None,
) -> Sparse:
    """Columns of `features.sentence_blocks` for every sentence, as a CSR matrix."""
    found = word_features(lexicon.words, vectors)
    words = word_matrices(found)
    own = ~spoken_for(batch, voice)
    weights = own * sentence_scale(batch, own)[batch.sentence]
    n = len(batch)
    shape = (len(batch.sentence_start) - 1, n)
    bag = sparse.csr_matrix((weights.astype(np.float32), np.arange(n), batch.sentence_start), shape)
    counts = bag @ sparse.csr_matrix(
        (np.ones(n, np.float32), batch.row, np.arange(n + 1)), (n, len(lexicon.words))
    )
    blocks: dict[tuple[str, Slot], Sparse] = {}
    for name, slot in _slots():
        if slot == SENTENCE:
            blocks[name, slot] = counts @ words[name]
    blocks["pair", SENTENCE] = bag @ _pair_matrix(batch, found)
    blocks["kind pair", SENTENCE] = bag @ _kind_matrices(batch, found)[0]
    places = sentence_places(batch, token_places(batch, voice))
    blocks["place", SENTENCE] = sparse.csr_matrix(places)
    blocks["pooled", SENTENCE] = sparse.csr_matrix(pooled)
    if start:
        known = start_sentences(batch, own, start.tokens, start.sentences)
        blocks["start", SENTENCE] = sparse.csr_matrix(known)
    n_start = start.tokens.shape[1] if start else 0
    order = sentence_blocks(vectors.dimensions, pooled.shape[1] // 2, n_start)
    return sparse.hstack([blocks[key] for key in order], format="csr", dtype=np.float32)
