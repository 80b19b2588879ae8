"""The linear models, laid out so that applying them is table look-ups and sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.exact import UNIT, Counts, in_units, lanes, on_grid, product, to_logits
from framing.features import (
    KIND_SLOTS,
    PAIR_SLOTS,
    QUOTATION,
    SPEECH,
    kind_pair_columns,
    kind_triple_columns,
    pair_columns,
    place_codes,
    place_table,
    pooled_logits,
    sentence_blocks,
    sentence_scale,
    spaced_lines,
    start_sentences,
    start_tokens,
    sum_by_sentence,
    token_blocks,
    token_places,
)
from framing.lexical import (
    GROUPS,
    SENTENCE,
    SLOTS,
    VECTOR_SLOTS,
    WINDOW,
    Floats,
    Vectors,
    WordFeatures,
    word_features,
)
from framing.pieces import Lexicon
from framing.text import Batch, Bools, Ints
from framing.voice import Voice

_CHUNK = 512


@dataclass(slots=True, eq=False)
class WordTable:
    """Weights of every distinct piece, summed over its features, slot by slot.

    Attributes
    ----------
    rows : array of int16, shape (n_slots, capacity, n_lanes)
        In `UNIT`. One slot a place in the window, and one for the sentence. The last row
        of each stays empty: it stands for a word that is not there.
    hashes, kinds : array of int64, shape (capacity,)
    """

    rows: Counts
    hashes: Ints
    kinds: Ints
    known: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Weights of each of n tokens and its neighbours taken together: arrays (n, n_lanes).

    Attributes
    ----------
    second, first, sentence : array of int16
        What the pair of the token and the next one adds to the next one, to the token
        itself, and to the sentence, in `UNIT`.
    triple : array of int16
        What the kinds of the token and of both its neighbours add to it.
    """

    second: Counts
    first: Counts
    sentence: Counts
    triple: Counts


@dataclass(slots=True, eq=False)
class Evidence:
    """Linear scores of a batch of n tokens in s sentences.

    Attributes
    ----------
    tokens : array of float32, shape (n, n_labels)
        Logit of each token standing inside a span: token and sentence models together.
    sentences : array of float32, shape (s, n_labels)
        Logit of each sentence holding a span.
    places : list of arrays, shape (n,)
        See `features.PLACES`.
    own : array of bool, shape (n,)
        Tokens that are not speech.
    start : array of float32, shape (n, n_labels), optional
        What the model that training started from adds to each token's logit before mixing.
    edges : array of float32, shape (n, len(EDGES)), optional
        Logit of each of `features.EDGES`, if the model weighs them.
    """

    tokens: Floats
    sentences: Floats
    places: list[Ints]
    own: np.ndarray
    start: Floats | None = None
    edges: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The token model of `features.EDGES`.

    Attributes
    ----------
    weights : array of float32, shape (len(EDGES), n_token_columns)
    bias : array of float32, shape (len(EDGES),)
    """

    weights: Floats
    bias: Floats


@dataclass(eq=False)
class Linear:
    """Token and sentence models of all labels.

    Parameters
    ----------
    vectors : Vectors
    token_weights : array of float32, shape (n_labels, n_token_columns)
    token_bias : array of float32, shape (n_labels,)
    sentence_weights : array of float32, shape (n_labels, n_sentence_columns)
    sentence_bias : array of float32, shape (n_labels,)
    mix : array of float32, shape (n_labels, 3)
        What the token's logit, its sentence's logit and a constant count in the end.
    start : Linear, optional
        The model that training started from, whose evidence is looked at beside the words.
    edges : Edges, optional
        Where spans begin and end, whatever their label: what boosting looks at too. Its
        columns stand behind those of the labels in the tables of tokens.
    """

    vectors: Vectors
    token_weights: Floats
    token_bias: Floats
    sentence_weights: Floats
    sentence_bias: Floats
    mix: Floats
    start: Linear | None = None
    edges: Edges | None = None
    _table: WordTable = field(init=False)
    _lexicon: Lexicon | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        n_labels = len(self.token_bias)
        n_start = len(self.start.token_bias) if self.start else 0
        bias, self._token_weights = self.token_bias, self.token_weights
        if self.edges:
            bias = np.concatenate((bias, self.edges.bias))
            self._token_weights = np.vstack((self.token_weights, self.edges.weights))
        self._width = len(bias)
        self._tokens = token_blocks(self.vectors.dimensions, n_start)
        self._sentences = sentence_blocks(self.vectors.dimensions, n_labels, n_start)
        self._groups = {
            group.name: self._side_by_side(group.name, group.slots, group.scale) for group in GROUPS
        }
        self._vectors = self._side_by_side("vector", VECTOR_SLOTS, 1.0)
        self._pairs = [in_units(self._wide_block("pair", slot)) for slot in PAIR_SLOTS]
        self._kind_pairs = [in_units(self._wide_block("kind pair", slot)) for slot in KIND_SLOTS]
        self._kind_triples = in_units(self._block("kind triple", 0))
        self._places = in_units(place_table(self._block("place", 0)) + bias)
        self._sentence_places = in_units(place_table(self._block("place", SENTENCE)))
        self.forget()

    def forget(self, keep: int = 0) -> None:
        """Drop the weights cached for the words seen so far, but for the first so many."""
        if self.start:
            self.start.forget(keep)
        if keep:
            self._table.known = min(self._table.known, keep)
            return
        rows = np.zeros((len(SLOTS), 1024, lanes(self._width)), np.int16)
        self._table = WordTable(rows, np.zeros(1024, np.int64), np.zeros(1024, np.int64))

    def _block(self, name: str, slot: int | str) -> Floats:
        if slot == SENTENCE:
            return self.sentence_weights[:, self._sentences[name, slot]].T
        return self._token_weights[:, self._tokens[name, slot]].T

    def _wide_block(self, name: str, slot: int | str) -> Floats:
        """A block with as many columns for sentences as for tokens: zeros for the edges."""
        block = self._block(name, slot)
        return np.pad(block, ((0, 0), (0, self._width - block.shape[1])))

    def _side_by_side(self, name: str, slots: Sequence[int | str], scale: float) -> Floats:
        """Weights of a group for all its slots: shape (size, n_slots * width)."""
        parts = np.hstack([self._wide_block(name, slot) for slot in slots])
        return np.ascontiguousarray(parts * np.float32(scale))

    def learn_words(self, lexicon: Lexicon) -> WordTable:
        """Bring the table of word weights up to date with a lexicon."""
        if lexicon is not self._lexicon or len(lexicon.words) < self._table.known:
            self.forget()
            self._lexicon = lexicon
        table, total = self._table, len(lexicon.words)
        if total >= len(table.hashes):
            capacity = max(total + 1, 2 * len(table.hashes))
            table.rows = _widened(table.rows, capacity, axis=1)
            table.hashes = _widened(table.hashes, capacity)
            table.kinds = _widened(table.kinds, capacity)
        for start in range(table.known, total, _CHUNK):
            names = lexicon.words[start : min(start + _CHUNK, total)]
            found = word_features(names, self.vectors)
            chunk = slice(start, start + len(names))
            table.rows[:, chunk] = in_units(self.word_rows(found)).transpose(1, 0, 2)
            table.hashes[chunk], table.kinds[chunk] = found.hashes, found.kinds
        table.known = total
        return table

    def word_rows(self, found: WordFeatures) -> Floats:
        """Weights of words by their features, shape (n_words, n_slots, n_labels and edges)."""
        rows = np.zeros((len(found.hashes), len(SLOTS), self._width), np.float32)
        for group in GROUPS:
            counts = found.counts[group.name]
            weights = self._groups[group.name].take(found.columns[group.name], axis=0)
            if counts.max(initial=1) > 1:
                weights = np.add.reduceat(weights, np.cumsum(counts) - counts, axis=0)
            _add_slots(rows, group.slots, weights)
        _add_slots(rows, VECTOR_SLOTS, on_grid(found.vectors.astype(np.float64) @ self._vectors))
        return rows

    def joint_weights(self, batch: Batch, table: WordTable) -> Joint:
        """Weights of neighbouring words taken together."""
        kinds = table.kinds.take(batch.row)
        columns = pair_columns(table.hashes.take(batch.row)), kind_pair_columns(kinds)
        first, last = batch.line_start[:-1], batch.line_start[1:] - 1
        pairs = [weights.take(columns[0], axis=0) for weights in self._pairs]
        for number, weights in enumerate(self._kind_pairs):
            pairs[number] += weights.take(columns[1], axis=0)
            pairs[number][last] = 0
        second, own, sentence = pairs
        triples = self._kind_triples.take(kind_triple_columns(kinds), axis=0)
        triples[first] = triples[last] = 0
        return Joint(second, own, sentence, triples)

    def place_weights(self, codes: Ints) -> Counts:
        """Weights of places by `features.place_codes`, and the bias, in `UNIT`: (n, n_lanes)."""
        return self._places.take(codes, axis=0)

    def score(self, batch: Batch, voice: Voice, lexicon: Lexicon) -> Evidence:
        """Score every token and sentence of a batch.

        Parameters
        ----------
        batch : Batch
        voice : Voice
        lexicon : Lexicon
            The one that read the batch.

        Returns
        -------
        Evidence
        """
        start = self.start.score(batch, voice, lexicon) if self.start else None
        table = self.learn_words(lexicon)
        places = token_places(batch, voice)
        codes = place_codes(places)
        own = (places[QUOTATION] != SPEECH) | voice.counted
        joint = self.joint_weights(batch, table)
        counts = self._token_counts(batch, table, joint, codes)
        every, n_labels, added = to_logits(counts).T, len(self.token_bias), None
        if start:
            added = on_grid(product(start_tokens(start.tokens), self._block("start", 0)))
            every = every + added
            added = added[:, :n_labels]
        logits, edges = every[:, :n_labels], every[:, n_labels:] if self.edges else None
        if start:
            pooled = pooled_logits(batch, own, logits)
        else:  # whole numbers are quicker
            pooled = pooled_logits(batch, own, counts[:n_labels].T, UNIT)
        sentences = self._bags(batch, table, joint, own)
        sentences += self.sentence_bias
        sentences += product(pooled, self._block("pooled", SENTENCE))
        if start:
            known = start_sentences(batch, own, start.tokens, start.sentences)
            sentences += product(known, self._block("start", SENTENCE))
        length = np.diff(batch.sentence_start).astype(np.float32)
        shares = _by_label(self._sentence_places.take(codes, axis=0), n_labels)
        sentences += to_logits(sum_by_sentence(shares, batch)).T / length[:, None]
        sentences = on_grid(sentences)
        tokens = mixed(logits, sentences, batch, self.mix)
        return Evidence(tokens, sentences, places, own, added, edges)

    def _token_counts(self, batch: Batch, table: WordTable, joint: Joint, codes: Ints) -> Counts:
        """What the words in and around each token and its place add: (n_labels and edges, n)."""
        rows, at = spaced_lines(batch, nothing=len(table.hashes) - 1)
        n = len(rows) - 2 * WINDOW
        near = table.rows[0].take(rows[:n], axis=0)
        for slot in range(1, 2 * WINDOW + 1):
            near += table.rows[slot].take(rows[slot : slot + n], axis=0)
        found = near.take(at - WINDOW, axis=0)
        found += self.place_weights(codes)
        found += joint.first
        found += joint.triple
        found[1:] += joint.second[:-1]
        return _by_label(found, self._width)

    def _bags(self, batch: Batch, table: WordTable, joint: Joint, own: Bools) -> Floats:
        """What its own words, taken together, add to each sentence: (s, n_labels)."""
        found = table.rows[-1].take(batch.row, axis=0)
        found += joint.sentence
        found[np.flatnonzero(~own)] = 0
        sums = sum_by_sentence(_by_label(found, len(self.sentence_bias)), batch)
        return to_logits(sums).T * sentence_scale(batch, own)[:, None]


def _by_label(counts: Counts, n_labels: int) -> Counts:
    """Label by label, for what comes next goes along the tokens: (n_labels, n)."""
    return np.ascontiguousarray(counts.T[:n_labels])


def mixed(tokens: Floats, sentences: Floats, batch: Batch, mix: Floats) -> Floats:
    """Token logits with those of their sentences.

    Parameters
    ----------
    tokens : array of float32, shape (n, n_labels)
    sentences : array of float32, shape (s, n_labels)
    batch : Batch
    mix : array of float32, shape (n_labels, 3)

    Returns
    -------
    array of float32, shape (n, n_labels)
        Label by label in memory.
    """
    shared = np.ascontiguousarray((sentences * mix[:, 1] + mix[:, 2]).T)
    found = np.multiply(tokens.T, mix[:, :1], order="C")
    found += shared.repeat(np.diff(batch.sentence_start), axis=1)
    return on_grid(found).T


def _add_slots(rows: Floats, slots: Sequence[int | str], weights: Floats) -> None:
    """Add weights of some slots, side by side, to all: (n, k * n_labels) to (n, n_slots, n_labels)."""
    parts = weights.reshape(len(rows), len(slots), -1)
    if tuple(slots) == SLOTS:
        rows += parts
    else:
        for number, slot in enumerate(slots):
            rows[:, SLOTS.index(slot)] += parts[:, number]


def _widened(array: NDArray[Any], capacity: int, axis: int = 0) -> NDArray[Any]:
    """A copy with room for `capacity` rows, the rest of them zero."""
    room = [(0, 0)] * array.ndim
    room[axis] = (0, capacity - array.shape[axis])
    return np.pad(array, room)
