"""What a word, a token and a sentence look like, as arrays: the only feature code.

Features come in groups (`GROUPS`): the word itself, its classes and shape, its
affixes, its character n-grams, its static vector. All of them depend on the word
alone, so they are worked out once for each distinct word. A token sees the groups
of the words around it (`SLOTS`), the pairs that it forms with its neighbours and
its place; a sentence sees the sum over its words. Training lays these out as a
sparse matrix (`framing.matrix`), prediction adds up the weights (`framing.linear`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from framing import words
from framing.text import Batch, Bools, Flag, Ints
from framing.voice import SHORT, Voice

Floats = NDArray[np.float32]

WINDOW = 3
SENTENCE = "sentence"
Slot = int | str


@dataclass(frozen=True, slots=True)
class Group:
    """A family of word features, hashed into `size` columns, seen from `slots`.

    Its values are all `scale`: the smaller, the harder the penalty on its weights.
    """

    name: str
    size: int
    scale: float
    slots: tuple[Slot, ...]


_AROUND: tuple[Slot, ...] = tuple(range(-WINDOW, WINDOW + 1))
GROUPS = (
    Group("word", 1 << 15, 1.0, (*_AROUND, SENTENCE)),
    Group("class", 1 << 9, 1.0, (*_AROUND, SENTENCE)),
    Group("affix", 1 << 13, 0.5, (-1, 0, 1, SENTENCE)),
    Group("gram", 1 << 15, 0.25, (0, SENTENCE)),
)
VECTOR_SLOTS: tuple[Slot, ...] = (0, SENTENCE)
SLOTS: tuple[Slot, ...] = (*_AROUND, SENTENCE)
PAIR_SLOTS = ("left", "right", SENTENCE)
"""A pair seen from its second word, from its first, and from the sentence."""
PAIRS = 1 << 16
"""Columns for pairs of neighbouring words."""
KINDS = 128
"""Kinds of words: see `word_kind`."""
KIND_PAIRS = KINDS * KINDS
KIND_TRIPLES = 1 << 16
KIND_SLOTS = ("left", "right", SENTENCE)
_GRAM_LENGTHS = (3, 4, 5)
_GRAM_LETTERS = 24


def _column(text: str, size: int) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) & (size - 1)


@lru_cache(maxsize=1)
def _members() -> dict[str, tuple[str, ...]]:
    """Classes of each word that is in any, the smallest class first."""
    found: dict[str, list[str]] = {}
    classes = words.classes()
    for name in sorted(classes, key=lambda name: (len(classes[name]), name)):
        for word in classes[name]:
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


@lru_cache(maxsize=1)
def _kinds() -> dict[str, int]:
    """Number of each kind: the classes by name, then the shapes."""
    names = [f"class {each}" for each in sorted(words.classes())]
    names += [f"shape {each}" for each in SHAPES]
    names += [f"mark {each}" for each in ",.;:?!-()\"'“”‘’—"]
    return {name: number for number, name in enumerate(names)}


SHAPES = (".", "0", "X", "XX", "Xx", "xx", "xX", "-ed", "-ing", "-ly", "-s")


def word_kind(name: str) -> int:
    """Kind of a word: its smallest class, else the mark it is, else its shape or ending.

    Returns
    -------
    int
        Less than `KINDS`.
    """
    kinds = _kinds()
    lower = plain(name)
    classes = _members().get(lower)
    if classes:
        return kinds[f"class {classes[0]}"]
    if f"mark {lower}" in kinds:
        return kinds[f"mark {lower}"]
    form = shape(name)
    if form == "xx":
        form = next((end for end in ("-ed", "-ing", "-ly", "-s") if lower.endswith(end[1:])), form)
    return kinds[f"shape {form}"]


def plain(word: str) -> str:
    """Lower case, straight apostrophes, no possessive ending."""
    lower = word.lower().replace("’", "'")
    return lower[:-2] if lower.endswith("'s") and len(lower) > 3 else lower


def shape(word: str) -> str:
    """Kind of a token by its letters, one of `SHAPES`."""
    if not (word and (word[0].isalnum() or word[0] == "_")):
        return "."
    if word[0].isdigit():
        return "0"
    if word[0].isupper():
        return "X" if len(word) == 1 else "XX" if word.isupper() else "Xx"
    return "xx" if word.islower() else "xX"


def _classes(word: str, lower: str) -> list[str]:
    found = [f"shape {shape(word)}", f"length {min(len(word), 12) // 3}"]
    found += _members().get(lower, ())
    if "-" in lower and len(lower) > 1:
        found.append("hyphen")
        for part in lower.split("-"):
            found += _members().get(part, ())
    return found


@lru_cache(maxsize=1)
def _class_columns() -> dict[str, int]:
    """Column of each class, shape and length: numbered, not hashed, so that none are mixed."""
    shapes = [f"shape {each}" for each in SHAPES]
    names = [*sorted(words.classes()), *shapes, *(f"length {n}" for n in range(5)), "hyphen"]
    return {name: number for number, name in enumerate(names)}


def _affixes(lower: str) -> list[str]:
    if not lower[:1].isalpha():
        return [f"mark {lower[:3]}"]
    tails = [f"-{lower[-n:]}" for n in (2, 3, 4, 5) if len(lower) > n]
    heads = [f"{lower[:n]}-" for n in (2, 3, 4) if len(lower) > n]
    return [*tails, *heads, *(f"part {p}" for p in lower.split("-") if "-" in lower)] or ["short"]


def _grams(lower: str) -> list[str]:
    padded = f"<{lower[:_GRAM_LETTERS]}>"
    return [padded[i : i + n] for n in _GRAM_LENGTHS for i in range(len(padded) - n + 1)] or ["<>"]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Static word vectors: one row of bytes a word.

    Attributes
    ----------
    index : dict of str to int
        Row of each word, lower case.
    table : array of int8, shape (n_words, dimensions)
    """

    index: dict[str, int]
    table: NDArray[np.int8]

    @classmethod
    def from_words(cls, joined: bytes, table: NDArray[np.int8]) -> Vectors:
        """Vectors from newline-joined UTF-8 words and their rows."""
        names = joined.decode("utf-8").split("\n") if joined else []
        return cls({word: row for row, word in enumerate(names)}, table)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self.table.shape[1])

    def look_up(self, word: str) -> Floats:
        """Vector of a word, mean of its parts where it is hyphenated, else zeros."""
        row = self.index.get(word)
        if row is not None:
            return self.table[row].astype(np.float32) / np.float32(128)
        if "-" in word:
            rows = [self.index[part] for part in word.split("-") if part in self.index]
            if rows:
                mean: Floats = self.table[rows].mean(0, dtype=np.float32) / np.float32(128)
                return mean
        return np.zeros(self.dimensions, np.float32)


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """Hashed features of a list of n words.

    Attributes
    ----------
    columns : dict of str to array of int64
        For each group, the columns of all words one after another.
    counts : dict of str to array of int64, shape (n,)
        How many of them belong to each word; at least one.
    vectors : array of float32, shape (n, dimensions)
    """

    columns: dict[str, Ints]
    counts: dict[str, Ints]
    vectors: Floats


def word_features(names: Sequence[str], vectors: Vectors) -> WordFeatures:
    """Work out the features of words.

    Parameters
    ----------
    names : sequence of str, length n
        Words as they stand in the text.
    vectors : Vectors

    Returns
    -------
    WordFeatures
    """
    found: dict[str, list[int]] = {group.name: [] for group in GROUPS}
    counts: dict[str, list[int]] = {group.name: [] for group in GROUPS}
    table = np.zeros((len(names), vectors.dimensions), np.float32)
    for row, name in enumerate(names):
        lower = plain(name)
        features = {
            "word": [lower],
            "class": _classes(name, lower),
            "affix": _affixes(lower),
            "gram": _grams(lower),
        }
        for group in GROUPS:
            if group.name == "class":
                columns = {_class_columns()[each] for each in features["class"]}
            else:
                columns = {_column(each, group.size) for each in features[group.name]}
            found[group.name] += sorted(columns)
            counts[group.name].append(len(columns))
        table[row] = vectors.look_up(lower)
    return WordFeatures(
        {name: np.asarray(columns, np.int64) for name, columns in found.items()},
        {name: np.asarray(each, np.int64) for name, each in counts.items()},
        table,
    )


def word_hash(name: str) -> int:
    """Number of a word for pairs: 31 bits."""
    return crc32(plain(name).encode("utf-8", "surrogatepass")) & 0x7FFFFFFF


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


def reported(batch: Batch) -> tuple[Bools, Bools]:
    """Whether a reporting word stands before, and after, each token in its sentence."""
    cue = batch.has(Flag.REPORT).astype(np.int64)
    total = np.concatenate(([0], np.cumsum(cue)))
    begins = total[batch.sentence_start[batch.sentence]]
    ends = total[batch.sentence_start[batch.sentence + 1]]
    return total[:-1] > begins, ends > total[1:]


def token_places(batch: Batch, voice: Voice) -> list[Ints]:
    """Value of each of `PLACES` for every token: arrays of shape (n,)."""
    index = np.arange(len(batch))
    before, after = reported(batch)
    first = batch.sentence_start[batch.sentence]
    last = batch.sentence_start[batch.sentence + 1] - 1
    depth = np.zeros(len(batch), np.int64)
    for flag, step in ((Flag.OPEN_BRACKET, 1), (Flag.CLOSE_BRACKET, -1)):
        depth += step * batch.has(flag)
    level = np.cumsum(depth)
    inside = level > np.concatenate(([0], level))[batch.line_start[batch.line]]
    return [
        before + 2 * after,
        np.minimum(index - first, 3),
        np.minimum(last - index, 2),
        _line_kinds(batch)[batch.sentence],
        inside.astype(np.int64),
        quotation_kinds(batch, voice),
        (first > batch.line_start[batch.line]).astype(np.int64),
    ]


def _line_kinds(batch: Batch) -> Ints:
    """Kind of line that each sentence stands in: shape (n_sentences,)."""
    first, last = batch.sentence_start[:-1], batch.sentence_start[1:] - 1
    line = batch.line[first]
    alone = (batch.line_start[line] == first) & (batch.line_start[line + 1] == last + 1)
    closers = Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
    closed = batch.has(closers)[last]
    final = np.where(closed, np.maximum(last - 1, first), last)
    stopped = batch.has(Flag.STOP | Flag.DOTTED)[final] | batch.has(Flag.STOP)[last]
    long = last - first >= 14
    kinds: Ints = np.where(stopped, np.where(alone, 1, 0), np.where(long, 3, 2))
    return kinds


def quotation_kinds(batch: Batch, voice: Voice) -> Ints:
    """0 outside quotation marks, 1 in a phrase in marks, 2 in speech: shape (n,)."""
    kinds = np.where(voice.quoted, 2, 0)
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


# --- sentences ----------------------------------------------------------------------------


def spoken_for(batch: Batch, voice: Voice) -> Bools:
    """Tokens that are speech, not the article's own words nor a phrase in marks: (n,)."""
    return quotation_kinds(batch, voice) == 2


def sum_by_sentence(values: NDArray[np.floating], batch: Batch) -> NDArray[np.floating]:
    """Sum over the tokens of each sentence: shape (n_sentences, ...)."""
    return np.add.reduceat(values, batch.sentence_start[:-1], axis=0)


def sentence_scale(batch: Batch, own: Bools) -> Floats:
    """What each word counts in its sentence: one over the root of the own words, (s,)."""
    length = sum_by_sentence(own.astype(np.float32), batch)
    return (1 / np.sqrt(np.maximum(length, 1))).astype(np.float32)


LOGIT_RANGE = (-6.0, 3.0)


def pooled_logits(batch: Batch, own: Bools, logits: Floats) -> Floats:
    """Token evidence of a sentence.

    Parameters
    ----------
    batch : Batch
    own : array of bool, shape (n,)
        Tokens that count.
    logits : array of float32, shape (n, n_labels)

    Returns
    -------
    array of float32, shape (n_sentences, 2 * n_labels)
        Highest logit of each label, then mean logit, scaled to about one.
    """
    low, high = LOGIT_RANGE
    clipped = np.where(own[:, None], np.clip(logits, low, high), np.float32(low))
    starts = batch.sentence_start[:-1]
    highest = np.maximum.reduceat(clipped, starts, axis=0)
    mean = np.add.reduceat(clipped, starts, axis=0) / np.diff(batch.sentence_start)[:, None]
    return (np.hstack((highest, mean)) / 4 + 1).astype(np.float32)


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


def token_blocks(dimensions: int) -> dict[tuple[str, Slot], slice]:
    """Columns of the token model, by group and slot."""
    return _blocks(dimensions, tokens=True)


def sentence_blocks(dimensions: int, n_labels: int) -> dict[tuple[str, Slot], slice]:
    """Columns of the sentence model, by group and slot."""
    blocks = _blocks(dimensions, tokens=False)
    end = max(block.stop for block in blocks.values())
    blocks["pooled", SENTENCE] = slice(end, end + 2 * n_labels)
    return blocks


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
