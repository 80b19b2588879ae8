"""What a token and a sentence look like, as arrays: with `framing.lexical` the only feature code.

A token sees the features of the words around it (`lexical.SLOTS`), the pairs that it
forms with its neighbours and its place; a sentence sees the sum over its words.
Training lays these out as a sparse matrix (`framing.matrix`), prediction adds up the
weights (`framing.linear`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.lexical import GROUPS, KINDS, SENTENCE, VECTOR_SLOTS, WINDOW, Floats, Slot
from framing.pieces import Flag
from framing.text import Batch, Bools, Ints
from framing.voice import SHORT, Voice

PAIR_SLOTS = ("left", "right", SENTENCE)
"""A pair seen from its second word, from its first, and from the sentence."""
PAIRS = 1 << 16
"""Columns for pairs of neighbouring words."""
KIND_PAIRS = KINDS * KINDS
KIND_TRIPLES = 1 << 16
KIND_SLOTS = ("left", "right", SENTENCE)


def pair_columns(hashes: Ints) -> Ints:
    """Column of each pair of neighbouring tokens.

    Parameters
    ----------
    hashes : array of int64, shape (n,)
        `word_hash` of each token.

    Returns
    -------
    array of int64, shape (n,)
        Column of the pair (token, next token); the last one wraps round.
    """
    mixed = hashes * 2654435761 + np.roll(hashes, -1) * 40503
    return (mixed >> 13) & (PAIRS - 1)


def kind_pair_columns(kinds: Ints) -> Ints:
    """Column of each pair of kinds (token, next token), shape (n,); the last wraps round."""
    return kinds * KINDS + np.roll(kinds, -1)


def kind_triple_columns(kinds: Ints) -> Ints:
    """Column of each triple of kinds around a token, shape (n,); the ends wrap round."""
    mixed = (np.roll(kinds, 1) * KINDS + kinds) * KINDS + np.roll(kinds, -1)
    return ((mixed * 2654435761) >> 11) & (KIND_TRIPLES - 1)


# --- places -------------------------------------------------------------------------------

PLACES = (
    ("attribution", 4),  # none, before, after, on both sides
    ("from start", 4),
    ("to end", 3),
    ("line", 4),  # running text, a sentence of its own, unstopped and short, unstopped and long
    ("bracket", 2),
    ("quotation", 3),  # none, a phrase in marks, speech
    ("position in line", 2),  # first sentence of its line or later
)
"""What a place says of a token or a sentence, and how many values it takes."""
PLACE_COLUMNS = sum(size for _, size in PLACES)
QUOTATION = 5
"""Place of `quotation` among them."""
SPEECH = 2
"""Its value for speech."""


def reported(batch: Batch) -> tuple[Bools, Bools]:
    """Whether a reporting word stands before, and after, each token in its sentence."""
    index, length = np.arange(len(batch)), np.diff(batch.sentence_start)
    cue = np.flatnonzero(batch.has(Flag.REPORT))
    first, last = np.full(len(length), len(batch)), np.full(len(length), -1)
    last[batch.sentence[cue]] = cue
    first[batch.sentence[cue[::-1]]] = cue[::-1]
    return index > first.repeat(length), index < last.repeat(length)


def token_places(batch: Batch, voice: Voice) -> list[Ints]:
    """Value of each of `PLACES` for every token: arrays of shape (n,)."""
    index, length = np.arange(len(batch)), np.diff(batch.sentence_start)
    before, after = reported(batch)
    first, last = batch.sentence_start[:-1], batch.sentence_start[1:] - 1
    later = (first > batch.line_start[batch.line[first]]).astype(np.int64)
    return [
        before + 2 * after,
        np.minimum(index - first.repeat(length), 3),
        np.minimum(last.repeat(length) - index, 2),
        _line_kinds(batch).repeat(length),
        _in_brackets(batch).astype(np.int64),
        quotation_kinds(batch, voice),
        later.repeat(length),
    ]


def _in_brackets(batch: Batch) -> Bools:
    """Tokens after a bracket that is open in their line, itself included: shape (n,)."""
    at = np.flatnonzero(batch.has(Flag.OPEN_BRACKET | Flag.CLOSE_BRACKET))
    depth = np.where(batch.flags[at] & int(Flag.OPEN_BRACKET) != 0, 1, -1)
    reached = np.concatenate(([0], np.cumsum(depth)))  # before the first, and from each on
    level = reached.repeat(np.diff(np.concatenate(([0], at, [len(batch)]))))
    begun = reached[np.searchsorted(at, batch.line_start[:-1])]
    return level > begun.repeat(np.diff(batch.line_start))


def _line_kinds(batch: Batch) -> Ints:
    """Kind of line that each sentence stands in: shape (n_sentences,)."""
    first, last = batch.sentence_start[:-1], batch.sentence_start[1:] - 1
    line = batch.line[first]
    alone = (batch.line_start[line] == first) & (batch.line_start[line + 1] == last + 1)
    closers = Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
    closed = batch.flags[last] & int(closers) != 0
    final = batch.flags[np.where(closed, np.maximum(last - 1, first), last)]
    stopped = (final & int(Flag.STOP | Flag.DOTTED) != 0) | (
        batch.flags[last] & int(Flag.STOP) != 0
    )
    long = last - first >= 14
    kinds: Ints = np.where(stopped, np.where(alone, 1, 0), np.where(long, 3, 2))
    return kinds


def quotation_kinds(batch: Batch, voice: Voice) -> Ints:
    """0 outside quotation marks, 1 in a phrase in marks, 2 in speech: shape (n,)."""
    kinds = np.where(voice.quoted, SPEECH, 0)
    phrase = voice.marked & (voice.end - voice.start <= SHORT + 2)
    for start, end in zip(voice.start[phrase].tolist(), voice.end[phrase].tolist(), strict=True):
        kinds[start:end] = 1
    return kinds


def place_codes(places: Sequence[Ints]) -> Ints:
    """One number for each combination of places, shape (n,)."""
    code = np.zeros_like(places[0])
    for (_, size), values in zip(PLACES, places, strict=True):
        code = code * size + values
    return code


def place_table(weights: Floats) -> Floats:
    """Weights summed for every combination of places.

    Parameters
    ----------
    weights : array of float32, shape (PLACE_COLUMNS, n_labels)

    Returns
    -------
    array of float32, shape (n_codes, n_labels)
    """
    table = np.zeros((1, weights.shape[1]), np.float32)
    offset = 0
    for _, size in PLACES:
        part = weights[offset : offset + size]
        table = (table[:, None, :] + part[None, :, :]).reshape(-1, weights.shape[1])
        offset += size
    return table


def neighbours(batch: Batch, step: int) -> tuple[Ints, Bools]:
    """Token `step` places away, and whether it stands in the same line: shape (n,)."""
    index = np.arange(len(batch)) + step
    inside = (index >= 0) & (index < len(batch))
    index = np.clip(index, 0, max(len(batch) - 1, 0))
    return index, inside & (batch.line[index] == batch.line)


def spaced_lines(batch: Batch, nothing: int) -> tuple[Ints, Ints]:
    """Rows of the tokens with `WINDOW` places for no word around every line.

    Returns
    -------
    rows : array of int64
        Rows in the lexicon; `nothing` where there is no word.
    at : array of int64, shape (n,)
        Where each token stands in it: `rows[at + step]` is its neighbour in its line.
    """
    at = np.arange(len(batch)) + WINDOW * (batch.line + 1)
    rows = np.full(len(batch) + WINDOW * len(batch.line_start), nothing)
    rows[at] = batch.row
    return rows, at


# --- sentences ----------------------------------------------------------------------------


def spoken_for(batch: Batch, voice: Voice) -> Bools:
    """Tokens that are speech, not the article's own words nor a phrase in marks: (n,).

    None is, where quoted words count.
    """
    speech: Bools = quotation_kinds(batch, voice) == SPEECH
    return speech & (not voice.counted)


def sum_by_sentence(values: NDArray[Any], batch: Batch) -> NDArray[Any]:
    """Sums over the tokens of each sentence: shape (..., n) to (..., n_sentences).

    Whole numbers are summed as int32.
    """
    kind = np.int32 if values.dtype.kind == "i" else None
    return np.add.reduceat(values, batch.sentence_start[:-1], axis=-1, dtype=kind)


def sentence_scale(batch: Batch, own: Bools) -> Floats:
    """What each word counts in its sentence: one over the root of the own words, (s,)."""
    length = sum_by_sentence(own.astype(np.float32), batch)
    return (1 / np.sqrt(np.maximum(length, 1))).astype(np.float32)


LOGIT_RANGE = (-6.0, 3.0)


def pooled_logits(batch: Batch, own: Bools, logits: NDArray[Any], unit: float = 1.0) -> Floats:
    """Token evidence of a sentence.

    Parameters
    ----------
    batch : Batch
    own : array of bool, shape (n,)
        Tokens that count.
    logits : array of float32 or int16, shape (n, n_labels)
    unit : float
        What 1 stands for in `logits`.

    Returns
    -------
    array of float32, shape (n_sentences, 2 * n_labels)
        Highest logit of each label, then mean logit.
    """
    low, high = (np.asarray(bound / unit, logits.dtype) for bound in LOGIT_RANGE)
    clipped = np.clip(logits.T, low, high)
    clipped[:, ~own] = low
    highest = np.maximum.reduceat(clipped, batch.sentence_start[:-1], axis=1)
    mean = sum_by_sentence(clipped, batch) * unit / np.diff(batch.sentence_start)
    return np.vstack((highest * unit, mean), dtype=np.float32).T


EDGES = ("clause begins", "clause ends", "phrase begins", "phrase ends", "any label")
"""What a token may be whatever the label: an edge of a mark by its unit, or inside any."""
START_SCALE = 0.25
"""What the evidence of a start counts beside a word: the less, the harder the penalty."""


def start_tokens(logits: Floats) -> Floats:
    """What a token has from the model that training started from: like its logits, (n, k)."""
    return np.clip(logits, *LOGIT_RANGE) * np.float32(START_SCALE)


def start_sentences(batch: Batch, own: Bools, logits: Floats, sentences: Floats) -> Floats:
    """What a sentence has from the model that training started from.

    Parameters
    ----------
    batch : Batch
    own : array of bool, shape (n,)
    logits : array of float32, shape (n, k)
    sentences : array of float32, shape (n_sentences, k)

    Returns
    -------
    array of float32, shape (n_sentences, 3 * k)
        Its own logits, then those of its tokens pooled.
    """
    every = np.hstack((np.clip(sentences, *LOGIT_RANGE), pooled_logits(batch, own, logits)))
    return every * np.float32(START_SCALE)


def sentence_places(batch: Batch, places: Sequence[Ints]) -> Floats:
    """Mean of each place value over a sentence's tokens: (n_sentences, PLACE_COLUMNS)."""
    columns = []
    starts = batch.sentence_start[:-1]
    length = np.diff(batch.sentence_start)
    for (_, size), values in zip(PLACES, places, strict=True):
        for value in range(size):
            share = np.add.reduceat((values == value).astype(np.float32), starts) / length
            columns.append(share)
    return np.column_stack(columns).astype(np.float32)


# --- columns of the linear models ---------------------------------------------------------


def token_blocks(dimensions: int, n_start: int = 0) -> dict[tuple[str, Slot], slice]:
    """Columns of the token model, by group and slot; `n_start` labels of a start, if any."""
    blocks = _blocks(dimensions, tokens=True)
    return _and_block(blocks, ("start", 0), n_start)


def sentence_blocks(
    dimensions: int, n_labels: int, n_start: int = 0
) -> dict[tuple[str, Slot], slice]:
    """Columns of the sentence model, by group and slot; `n_start` labels of a start, if any."""
    blocks = _blocks(dimensions, tokens=False)
    blocks = _and_block(blocks, ("pooled", SENTENCE), 2 * n_labels)
    return _and_block(blocks, ("start", SENTENCE), 3 * n_start)


def _and_block(
    blocks: dict[tuple[str, Slot], slice], key: tuple[str, Slot], size: int
) -> dict[tuple[str, Slot], slice]:
    """The blocks with one more behind them, unless it is empty."""
    end = max(block.stop for block in blocks.values())
    return {**blocks, key: slice(end, end + size)} if size else blocks


def _blocks(dimensions: int, *, tokens: bool) -> dict[tuple[str, Slot], slice]:
    sizes: list[tuple[tuple[str, Slot], int]] = []
    for group in GROUPS:
        sizes += [((group.name, slot), group.size) for slot in group.slots]
    sizes += [(("vector", slot), dimensions) for slot in VECTOR_SLOTS]
    sizes += [(("pair", slot), PAIRS) for slot in PAIR_SLOTS]
    sizes += [(("kind pair", slot), KIND_PAIRS) for slot in KIND_SLOTS]
    sizes += [(("kind triple", 0), KIND_TRIPLES)]
    sizes += [(("place", 0), PLACE_COLUMNS), (("place", SENTENCE), PLACE_COLUMNS)]
    blocks: dict[tuple[str, Slot], slice] = {}
    end = 0
    for (name, slot), size in sizes:
        if (slot == SENTENCE) != tokens:
            blocks[name, slot] = slice(end, end + size)
            end += size
    return blocks
