"""What a word looks like without its context: the word, its classes, its letters, its vector.

Features come in groups (`GROUPS`). All of them depend on the word alone, so they are
worked out once for each distinct word, many words at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from framing import words
from framing.text import Bools, Ints

Floats = NDArray[np.float32]
Hashes = NDArray[np.uint64]

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
KINDS = 128
"""Kinds of words: see `word_kind`."""
LETTERS = 24
"""Letters of a word whose n-grams are taken."""
_GRAMS = (3, 4, 5)
_HEADS = (2, 3, 4)
_TAILS = (2, 3, 4, 5)


# --- spelling -----------------------------------------------------------------------------


def plain(word: str) -> str:
    """Lower case, straight apostrophes, no possessive ending."""
    lower = word.lower().replace("’", "'")
    return lower[:-2] if lower.endswith("'s") and len(lower) > 3 else lower


_ENDINGS = ("ed", "ing", "ly", "s")
SHAPES = (".", "0", "X", "XX", "Xx", "xx", "xX", *(f"-{end}" for end in _ENDINGS))


def shape(word: str) -> str:
    """Kind of a token by its letters, one of `SHAPES`."""
    if not (word and (word[0].isalnum() or word[0] == "_")):
        return "."
    if word[0].isdigit():
        return "0"
    if word[0].isupper():
        return "X" if len(word) == 1 else "XX" if word.isupper() else "Xx"
    return "xx" if word.islower() else "xX"


# --- classes and kinds --------------------------------------------------------------------


@lru_cache(maxsize=1)
def _class_columns() -> dict[str, int]:
    """Column of each class, shape and length: numbered, not hashed, so that none are mixed."""
    shapes = [f"shape {each}" for each in SHAPES]
    names = [*sorted(words.classes()), *shapes, *(f"length {n}" for n in range(5)), "hyphen"]
    return {name: number for number, name in enumerate(names)}


@lru_cache(maxsize=1)
def _members() -> dict[str, tuple[int, ...]]:
    """Columns of the classes of each word that is in any, the smallest class first."""
    found: dict[str, list[int]] = {}
    classes, columns = words.classes(), _class_columns()
    for name in sorted(classes, key=lambda name: (len(classes[name]), name)):
        for word in classes[name]:
            found.setdefault(word, []).append(columns[name])
    return {word: tuple(numbers) for word, numbers in found.items()}


@lru_cache(maxsize=1)
def _kinds() -> dict[str, int]:
    """Number of each kind that is no class: shapes and marks; the classes come before them."""
    names = [f"shape {each}" for each in SHAPES] + [f"mark {each}" for each in ",.;:?!-()\"'“”‘’—"]
    return {name: number for number, name in enumerate(names, len(words.classes()))}


def _class_features(
    names: Sequence[str], lower: Sequence[str], forms: Sequence[str]
) -> tuple[Ints, Ints]:
    """Columns of words' classes, shape and length; of hyphenated ones, also of their parts.

    Returns
    -------
    columns : array of int64
        Those of all words one after another, in order for each.
    counts : array of int64, shape (n,)
    """
    known, members = _class_columns(), _members()
    classes = [sorted(members.get(word, ())) for word in lower]
    hyphen = [row for row, word in enumerate(lower) if "-" in word and len(word) > 1]
    for row in hyphen:
        parts = (members.get(part, ()) for part in lower[row].split("-"))
        classes[row] = sorted(set(classes[row]).union(*parts))
    inside = np.fromiter(map(len, classes), np.int64, len(names))
    counts = inside + 2
    counts[hyphen] += 1
    after = np.cumsum(counts) - counts + inside
    columns = np.full(counts.sum(), -1)
    columns[after] = [known[f"shape {form}"] for form in forms]
    columns[after + 1] = [known[f"length {min(len(name), 12) // 3}"] for name in names]
    columns[after[hyphen] + 2] = known["hyphen"]
    columns[columns < 0] = np.fromiter(chain.from_iterable(classes), np.int64)
    return columns, counts


def word_kind(name: str) -> int:
    """Kind of a word: its smallest class, else the mark it is, else its shape or ending.

    Returns
    -------
    int
        Less than `KINDS`.
    """
    return _kind(plain(name), shape(name))


def _kind(lower: str, form: str) -> int:
    classes, kinds = _members().get(lower), _kinds()
    if classes:
        return classes[0]
    if form == ".":
        return kinds.get(f"mark {lower}", kinds["shape ."])
    if form == "xx" and lower.endswith(_ENDINGS):
        form = next(f"-{end}" for end in _ENDINGS if lower.endswith(end))
    return kinds[f"shape {form}"]


def word_hash(name: str) -> int:
    """Number of a word: 31 bits."""
    return _hash(plain(name))


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) & 0x7FFFFFFF


# --- vectors ------------------------------------------------------------------------------


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

    def look_up(self, names: Sequence[str]) -> Floats:
        """Vectors of words, means of the parts of hyphenated ones, else zeros: (n, dimensions)."""
        rows = np.fromiter((self.index.get(name, -1) for name in names), np.int64, len(names))
        found = np.zeros((len(names), self.dimensions), np.float32)
        found[rows >= 0] = self.table[rows[rows >= 0]]
        for row in np.flatnonzero(rows < 0).tolist():
            if "-" in names[row]:
                parts = [self.index[part] for part in names[row].split("-") if part in self.index]
                if parts:
                    found[row] = self.table[parts].mean(0, dtype=np.float32)
        return found / np.float32(128)


# --- all of it ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """Features of a list of n words.

    Attributes
    ----------
    columns : dict of str to array of int64
        For each group, the columns of all words one after another.
    counts : dict of str to array of int64, shape (n,)
        How many of them belong to each word; at least one.
    vectors : array of float32, shape (n, dimensions)
    hashes, kinds : array of int64, shape (n,)
        `word_hash` and `word_kind`.
    """

    columns: dict[str, Ints]
    counts: dict[str, Ints]
    vectors: Floats
    hashes: Ints
    kinds: Ints


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
    n = len(names)
    lower = [plain(name) for name in names]
    forms = [shape(name) for name in names]
    hashes = np.fromiter(map(_hash, lower), np.int64, n)
    sizes = {group.name: group.size for group in GROUPS}
    columns, counts = {"word": hashes & (sizes["word"] - 1)}, {"word": np.ones(n, np.int64)}
    columns["class"], counts["class"] = _class_features(names, lower, forms)
    letters = _letters(lower)
    for name, (hashed, there) in (("affix", _affixes(lower, *letters)), ("gram", _grams(*letters))):
        columns[name] = (hashed[there] >> np.uint64(40)).astype(np.int64) & (sizes[name] - 1)
        counts[name] = there.sum(1)
    kinds = np.fromiter(map(_kind, lower, forms), np.int64, n)
    return WordFeatures(columns, counts, vectors.look_up(lower), hashes, kinds)


def _letters(lower: Sequence[str]) -> tuple[Hashes, Ints]:
    """Code points of words between `<` and `>`, cut to `LETTERS`.

    Returns
    -------
    letters : array of uint64, shape (n, LETTERS + 2)
        Zero after the end.
    length : array of int64, shape (n,)
        Without the marks.
    """
    cut = [word[:LETTERS] for word in lower]
    length = np.fromiter(map(len, cut), np.int64, len(cut))
    letters = np.zeros((len(cut), LETTERS + 2), np.uint64)
    letters[:, 0] = ord("<")
    at = np.arange(1, LETTERS + 2)
    codes = np.frombuffer("".join(cut).encode("utf-32-le", "surrogatepass"), "<u4")
    letters[:, 1:][at <= length[:, None]] = codes
    letters[np.arange(len(cut)), length + 1] = ord(">")
    return letters, length


def _rolled(letters: Hashes, seed: int) -> Hashes:
    """Hash of each row of letters: shape (..., k) to (...)."""
    found = np.full(letters.shape[:-1], seed, np.uint64)
    for place in range(letters.shape[-1]):
        found = (found ^ letters[..., place]) * np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(29)
    return found * np.uint64(0xBF58476D1CE4E5B9)


def _grams(letters: Hashes, length: Ints) -> tuple[Hashes, Bools]:
    """Hashes of character n-grams, and which of them are there: (n, n_places)."""
    parts: list[Hashes] = []
    found: list[Bools] = []
    for size in _GRAMS:
        windows = np.lib.stride_tricks.sliding_window_view(letters, size, axis=1)
        there = np.arange(windows.shape[1]) + size <= length[:, None] + 2
        if not found:
            there[:, 0] = True  # a word of no letters has one too
        hashed = np.zeros(there.shape, np.uint64)
        hashed[there] = _rolled(windows[there], size)
        parts.append(hashed)
        found.append(there)
    return np.hstack(parts), np.hstack(found)


def _affixes(lower: Sequence[str], letters: Hashes, length: Ints) -> tuple[Hashes, Bools]:
    """Hashes of beginnings, endings and hyphenated parts, and which are there: (n, n_places).

    A word that does not begin with a letter has its first three characters instead.
    """
    n = len(lower)
    parts, there = [_rolled(letters[:, 1:4], 100)], [np.ones(n, bool)]
    letter = np.fromiter((word[:1].isalpha() for word in lower), bool, n)
    for size in _HEADS:
        parts.append(_rolled(letters[:, 1 : 1 + size], 200 + size))
        there.append(letter & (length > size))
    for size in _TAILS:
        at = np.maximum(length[:, None] + 1 - size, 0) + np.arange(size)
        parts.append(_rolled(np.take_along_axis(letters, at, 1), 300 + size))
        there.append(letter & (length > size))
    hyphen = [row for row, word in enumerate(lower) if "-" in word]
    for number in (0, -1):
        names = [lower[row].split("-")[number] for row in hyphen]
        hashed, named = np.zeros(n, np.uint64), np.zeros(n, bool)
        hashed[hyphen] = np.fromiter(map(_hash, names), np.uint64, len(names))
        named[hyphen] = np.fromiter(map(bool, names), bool, len(names))
        parts.append(hashed * np.uint64(0xBF58476D1CE4E5B9))
        there.append(named)
    there[0] = ~letter | ~np.any(there[1:], axis=0)
    return np.column_stack(parts), np.column_stack(there)
