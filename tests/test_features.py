from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conftest import ODD, SPEAKING, TEXTS
from hypothesis import given
from hypothesis import strategies as st

from framing import words
from framing.features import (
    GROUPS,
    KIND_PAIRS,
    KIND_TRIPLES,
    KINDS,
    LOGIT_RANGE,
    PAIRS,
    PLACE_COLUMNS,
    PLACES,
    SHAPES,
    Vectors,
    kind_pair_columns,
    kind_triple_columns,
    neighbours,
    pair_columns,
    place_codes,
    place_table,
    plain,
    pooled_logits,
    sentence_blocks,
    sentence_places,
    sentence_scale,
    shape,
    spoken_for,
    sum_by_sentence,
    token_blocks,
    token_places,
    word_features,
    word_hash,
    word_kind,
)
from framing.text import WORD_LIMIT, Lexicon, read
from framing.voice import listen

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
    assert made.look_up("plan").tolist() == [-1]
    assert made.look_up("één").tolist() == [1 / 128]
    assert Vectors.from_words(b"", np.zeros((0, 3), np.int8)).look_up("plan").tolist() == [0, 0, 0]


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
    assert highest.tolist() == pytest.approx([high / 4 + 1, -2 / 4 + 1])
    assert mean.tolist() == pytest.approx([(1 + high + low) / 3 / 4 + 1, (low - 2) / 2 / 4 + 1])


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
