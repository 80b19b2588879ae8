from __future__ import annotations

import numpy as np
import pytest
from conftest import ODD, SPEAKING
from hypothesis import given
from hypothesis import strategies as st

from framing import words
from framing.lexical import (
    GROUPS,
    KINDS,
    SHAPES,
    Vectors,
    plain,
    shape,
    word_features,
    word_hash,
    word_kind,
)
from framing.pieces import WORD_LIMIT

VECTORS = Vectors(
    {"plan": 0, "well": 1, "known": 2}, np.array([[64, 0], [0, 64], [-128, 32]], np.int8)
)
STRANGE = (
    "", "\ud800", "\udfff\ud800", "x" * WORD_LIMIT, "é" * 1000, "a-" * 400, "well-known", "-", "--",
    "mother-in-law", "mayor's", "mayor’s", "'s", "'", "’", "İ", "ẞ", "ǅ", "½", "²", "٣", "_", "__a",
    "\0", "😀", "\u0301", "e\u0301", "3,000", "U.S.", "漢字", "שלום", "...", "\u2028", "O’Neill-Smith's",
)  # fmt: skip
WORDS = st.one_of(st.sampled_from(SPEAKING + ODD + STRANGE), st.text(st.characters(), max_size=9))


# --- words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Mayor’s", "mayor"), ("MAYOR'S", "mayor"), ("it's", "it"), ("a's", "a's"), ("'s", "'s"),
        ("boys'", "boys'"), ("Don’t", "don't"), ("", ""), ("ẞ", "ß"), ("\ud800", "\ud800"),
    ],
)  # fmt: skip
def test_plain(word, expected):
    assert plain(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", "."), ("…", "."), ("\ud800", "."), ("\u0301", "."), ("3,000", "0"), ("²", "0"),
        ("٣", "0"), ("A", "X"), ("İ", "X"), ("NATO", "XX"), ("U.S.", "XX"), ("Paris", "Xx"),
        ("McKay", "Xx"), ("so-called", "xx"), ("iPhone", "xX"), ("漢字", "xX"), ("_", "xX"),
        ("½", "xX"), ("ǅ", "xX"), ("_ab", "xx"),
    ],
)  # fmt: skip
def test_shape(word, expected):
    assert shape(word) == expected
    assert expected in SHAPES


@given(WORDS)
def test_any_word_has_a_shape_and_a_kind(word):
    assert shape(word) in SHAPES
    assert 0 <= word_kind(word) < KINDS


def test_kinds_of_class_members_are_those_of_their_smallest_class():
    classes = words.classes()
    kinds = {}
    for name, members in classes.items():
        for word in members:
            if plain(word) == word:
                smallest = min(
                    (each for each in classes if word in classes[each]),
                    key=lambda each: (len(classes[each]), each),
                )
                kinds.setdefault(smallest, set()).add(word_kind(word))
        assert len(members) > 0, name
    assert all(len(found) == 1 for found in kinds.values())
    numbers = [next(iter(found)) for found in kinds.values()]
    assert len(set(numbers)) == len(numbers), "two classes share a kind"
    assert max(numbers) < KINDS


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Zorbed", "quoxed", False),  # a name, and a word in -ed
        ("zorbed", "quoxed", True),
        ("zorbing", "quoxing", True),
        ("zorbed", "zorbing", False),
        ("zorbly", "quoxly", True),
        ("zorbs", "quoxs", True),
        ("ZORB", "QUOX", True),
        ("1999", "3,000", True),
        (",", ";", False),
        (",", ",", True),
        ("“", '"', False),
        ("€", "§", True),  # marks without a kind of their own
        ("Regime", "regime's", True),
    ],
)
def test_kinds_of_other_words(first, second, same):
    assert (word_kind(first) == word_kind(second)) is same


@pytest.mark.parametrize("name", ["preposition", "determiner", "hedge", "negation", "insert"])
def test_names_of_classes_are_words_like_others(name):
    assert name not in words.classes()[name]
    members = {word for each in words.CLOSED.values() for word in each}
    assert name not in members
    assert word_kind(name) == word_kind("zorb")


def test_every_member_of_a_class_can_be_met():
    lost = {word for each in words.CLOSED.values() for word in each if plain(word) != word}
    assert not lost


def test_words_hash_by_what_they_are_not_how_they_are_written():
    assert word_hash("Mayor’s") == word_hash("mayor")
    assert word_hash("mayor") != word_hash("major")


@given(WORDS)
def test_word_hashes_are_31_bits(word):
    assert 0 <= word_hash(word) < 1 << 31


# --- features of words --------------------------------------------------------------------


def of_word(name, vectors=VECTORS):
    return word_features([name], vectors)


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_columns_stand_within_their_group(names):
    found = word_features(names, VECTORS)
    assert found.vectors.shape == (len(names), 2)
    for group in GROUPS:
        columns, counts = found.columns[group.name], found.counts[group.name]
        assert len(counts) == len(names)
        assert (counts >= 1).all()
        assert counts.sum() == len(columns)
        assert ((columns >= 0) & (columns < group.size)).all()


@given(st.lists(WORDS, min_size=2, max_size=6))
def test_words_have_the_same_features_alone_and_in_company(names):
    together = word_features(names, VECTORS)
    alone = [of_word(name) for name in names]
    for group in GROUPS:
        joined = np.concatenate([each.columns[group.name] for each in alone])
        assert together.columns[group.name].tolist() == joined.tolist()
    assert together.hashes.tolist() == [word_hash(name) for name in names]
    assert together.kinds.tolist() == [word_kind(name) for name in names]
    assert (together.vectors == np.concatenate([each.vectors for each in alone])).all()


def test_no_words_no_features():
    found = word_features([], VECTORS)
    assert found.vectors.shape == (0, 2)
    assert all(len(columns) == 0 for columns in found.columns.values())


def test_every_class_has_a_column_of_its_own():
    size = next(group.size for group in GROUPS if group.name == "class")
    every = sorted({word for members in words.classes().values() for word in members})
    found = word_features(every, VECTORS)
    assert len(set(found.columns["class"].tolist())) > len(words.classes())
    assert found.columns["class"].max() < size
    assert len(words.classes()) + len(SHAPES) + 6 <= size


def classes_of(name):
    return set(of_word(name).columns["class"].tolist())


def test_hyphenated_words_have_the_classes_of_their_parts():
    assert "critics" in words.classes()["vague source"]
    of_critics = classes_of("critics") - classes_of("quoxzor")
    assert of_critics
    assert classes_of("zorb-critics") - classes_of("zorb-quoxzor") == of_critics


def test_a_lone_hyphen_is_no_hyphenated_word():
    (hyphen,) = classes_of("zorb-quox") - classes_of("zorbxquox")
    assert hyphen in classes_of("a-b")
    assert hyphen not in classes_of("-")


def test_possessives_are_the_word_itself():
    for group in ("word", "affix", "gram"):
        with_ending = of_word("Mayor’s").columns[group].tolist()
        assert with_ending == of_word("mayor").columns[group].tolist()


def test_length_counts_up_to_twelve():
    assert classes_of("z" * 12) == classes_of("z" * 1000)
    assert classes_of("z" * 3) == classes_of("z" * 5)
    assert classes_of("z" * 5) != classes_of("z" * 6)


def test_long_words_are_cut_for_n_grams():
    assert of_word("z" * 24).columns["gram"].tolist() == of_word("z" * 999).columns["gram"].tolist()


@pytest.mark.parametrize(
    ("word", "vector"),
    [
        ("Plan", (0.5, 0)), ("plan's", (0.5, 0)), ("known", (-1, 0.25)), ("zorb", (0, 0)),
        ("well-known", (-0.5, 0.375)), ("well-zorb", (0, 0.5)), ("zorb-quox", (0, 0)),
        ("", (0, 0)), ("-", (0, 0)), ("\ud800", (0, 0)),
    ],
)  # fmt: skip
def test_vectors_of_words(word, vector):
    assert of_word(word).vectors[0].tolist() == pytest.approx(vector)


def test_vectors_from_joined_words():
    made = Vectors.from_words("één\nplan".encode(), np.array([[1], [-128]], np.int8))
    assert made.dimensions == 1
    assert made.look_up(["plan", "één"]).tolist() == [[-1], [1 / 128]]
    none = Vectors.from_words(b"", np.zeros((0, 3), np.int8))
    assert none.look_up(["plan", "a-b"]).tolist() == [[0, 0, 0], [0, 0, 0]]
