from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conftest import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import CLAUSE, LOW, PHRASE, any_evidence, evidence_of, scene, words_of

from framing.candidates import N_LEVELS, propose, segment_starts
from framing.features import EDGES
from framing.schema import Label

INSERT, MARKS = Label("insert", "", "insert"), Label("scare", "", "phrase", quotation=True)
ALL = (PHRASE, CLAUSE, INSERT, MARKS)
LEVELS = np.array([2, 0, -2], np.float32)


def proposed(label, text, tokens=LOW, sentences=LOW, levels=LEVELS):
    """Words of the candidates of one label; `tokens` gives the logits, by token."""
    batch, voice = scene(text)
    if isinstance(tokens, dict):
        words = [words_of(batch, n, n + 1) for n in range(len(batch))]
        tokens = [tokens.get(word, LOW) for word in words]
    evidence = evidence_of(batch, voice, 1, tokens, sentences)
    found = propose(batch, voice, evidence, [label], levels[None, :])
    assert not found.label.any()
    return [words_of(batch, s, e) for s, e in zip(found.start, found.end, strict=True)]


# --- runs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hot", "expected"),
    [
        ("the vile old man", {"vile": 1}, ["vile"]),
        ("the vile old man", {"vile": 1, "old": 1}, ["vile old"]),
        ("vile the rotten", {"vile": 1, "rotten": 1}, ["vile", "rotten"]),  # not bridged
        ("vile. Rotten", {"vile": 1, "Rotten": 1}, ["vile", "Rotten"]),
        ("the old man", {"old": -2}, []),  # the level itself is not above it
        ("the old man", {"old": 0, "man": -1}, ["old man"]),
        ("the old man", {}, []),
    ],
)
def test_phrases_are_runs_of_likely_tokens(text, hot, expected):
    assert proposed(PHRASE, text, hot) == expected


def test_each_level_gives_its_runs():
    hot = {"a": -1, "vile": 1, "rotten": 3, "man": -1}
    found = proposed(PHRASE, "see a vile rotten man go", hot)
    assert sorted(found) == ["a vile rotten man", "rotten", "vile rotten"]


def test_runs_end_with_their_sentence():
    hot = dict.fromkeys(["It", "fell", "He", "ran"], 1)
    assert proposed(PHRASE, "It fell\nHe ran", hot) == ["It fell", "He ran"]


@pytest.mark.parametrize(
    ("text", "bridged"),
    [
        ("vile and mean rotten thing", True),  # two tokens between
        ("vile and mean old rotten thing", False),
        ("vile mean. Old rotten thing", False),  # another sentence
    ],
)
def test_clauses_bridge_two_tokens(text, bridged):
    found = proposed(CLAUSE, text, {"vile": 1, "rotten": 1})
    run = text[: text.index("rotten") + len("rotten")]
    assert (run in found) is bridged


def test_phrases_bridge_none():
    found = proposed(PHRASE, "vile and rotten", {"vile": 1, "rotten": 1})
    assert found == ["vile", "rotten"]


# --- clause segments ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The vote failed, and the mayor wept.", ["The vote failed,", "and the mayor wept."]),
        ("She left because it rained", ["She left", "because it rained"]),
        ("It fell. It rose", ["It fell.", "It rose"]),
        ("A man (a thief) ran", ["A man (", "a thief)", "ran"]),
        ("One\ntwo", ["One", "two"]),
        ("They sat – we stood; he lay", ["They sat –", "we stood;", "he lay"]),
    ],
)
def test_segments(text, expected):
    batch, _ = scene(text)
    edges = [*np.flatnonzero(segment_starts(batch)), len(batch)]
    pairs = pairwise(edges)
    assert [words_of(batch, start, end) for start, end in pairs] == expected


def test_clauses_are_segments_runs_of_them_and_sentences():
    text = "The vote failed, because the mayor lied, while it rained."
    hot = dict.fromkeys(["because", "the", "mayor", "lied"], 1) | {
        "while": -1,
        "it": -1,
        "rained": -1,
    }
    found = proposed(CLAUSE, text, hot)
    assert "because the mayor lied" in found
    assert "because the mayor lied, while it rained" in found
    assert "The vote failed, because the mayor lied, while it rained" in found
    assert "The vote failed" not in found


def test_no_likely_token_no_clause():
    assert proposed(CLAUSE, "The vote failed, because it rained.") == []


def test_only_sentences_with_a_likely_token():
    found = proposed(CLAUSE, "It fell. He ran.", {"ran": 1})
    assert all("fell" not in words for words in found)
    assert "He ran" in found


# --- edges --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hot", "expected"),
    [
        ("so, vile men", (",", "vile"), "vile"),
        ("so vile, men", ("vile", ","), "vile"),
        ("how vile! Men", ("vile", "!"), "vile"),
        ("so (vile) men", ("(", "vile", ")"), "(vile)"),
        ("the ” vile", ("”", "vile"), "vile"),
        ("a vile “man", ("vile", "“"), "vile"),
        ("so – ; , vile", ("–", ";", ",", "vile"), "vile"),
        ("a vile [thing", ("vile", "["), "vile"),
        ("a vile £300 toll", ("vile", "£"), "vile"),
        ("a vile £300 toll", ("vile", "£", "300"), "vile £300"),
        ("a vile $ 300 toll", ("vile", "$"), "vile $"),
        ("a vile $\n300 tolls", ("vile", "$"), "vile $"),
        ("a vile $", ("vile", "$"), "vile $"),
    ],
)
def test_edges_are_tidy(text, hot, expected):
    assert proposed(PHRASE, text, dict.fromkeys(hot, 1)) == [expected]


@pytest.mark.parametrize("mark", [",", ";", ".", "!", "”", ")", '"', "'", "£"])
def test_a_mark_alone_is_no_candidate(mark):
    assert proposed(PHRASE, f"men {mark} go", {mark: 1}) == []


def test_very_long_runs_are_left_out():
    long, short = "vile " * 161, "vile " * 160
    assert proposed(PHRASE, long, {"vile": 1}) == []
    assert proposed(PHRASE, short, {"vile": 1}) == [short.strip()]


# --- inserts and quotations ---------------------------------------------------------------


def test_inserts_are_sentences_by_their_own_score():
    text = "READ MORE: More\nIt rained. He ran."
    assert proposed(INSERT, text, sentences=[0, -2, -1.5]) == ["READ MORE: More", "He ran."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('the "reform" bill', ['"reform"']),
        ("the “new deal” and the ‘old’ one", ["“new deal”", "‘old’"]),
        ("no marks here", []),
        ('"' + "word " * 9 + '" he said', []),  # eight words are a phrase, nine are not
        ('"' + "word " * 7 + 'word" he said', ['"' + "word " * 7 + 'word"']),
    ],
)
def test_quotation_labels_are_short_quotations(text, expected):
    assert proposed(MARKS, text) == expected


# --- any text -----------------------------------------------------------------------------


@given(st.lists(TEXTS, max_size=3), st.integers(0, 99))
@settings(max_examples=60)
def test_candidates_of_any_text(texts, seed):
    batch, voice = scene(*texts)
    rng = np.random.default_rng(seed)
    evidence = any_evidence(batch, voice, len(ALL), rng)
    levels = np.tile(LEVELS, (len(ALL), 1))
    found = propose(batch, voice, evidence, ALL, levels)
    assert len(found) == len(found.start) == len(found.end)
    assert (found.start >= 0).all()
    assert (found.start < found.end).all()
    assert (found.end <= len(batch)).all()
    rows = list(zip(found.label, found.start, found.end, strict=True))
    assert len(set(rows)) == len(rows)
    runs = found.label < 2
    same = batch.sentence[found.start[runs]] == batch.sentence[found.end[runs] - 1]
    assert same.all()
    documents = batch.document[found.start] == batch.document[found.end - 1]
    assert documents.all()
    order = np.lexsort((found.end, found.start, found.label))
    assert order.tolist() == list(range(len(found)))


def test_nothing_to_read():
    batch, voice = scene("")
    levels = np.full((len(ALL), N_LEVELS), -np.inf, np.float32)
    evidence = evidence_of(batch, voice, len(ALL))
    found = propose(batch, voice, evidence, ALL, levels)
    assert len(found) == 0


# --- edges --------------------------------------------------------------------------------


def moved(label, text, hot, begins, ends):
    """Candidates of a model that weighs edges; each edge is likely at the words given."""
    batch, voice = scene(text)
    words = [words_of(batch, n, n + 1) for n in range(len(batch))]
    evidence = evidence_of(batch, voice, 1, [1.0 if word in hot else LOW for word in words])
    evidence.edges = np.full((len(batch), len(EDGES)), LOW)
    for kind, likely in (("begins", begins), ("ends", ends)):
        column = EDGES.index(f"{label.unit} {kind}")
        evidence.edges[:, column] += [likely.get(word, 0) for word in words]
    found = propose(batch, voice, evidence, [label], LEVELS[None, :])
    return {words_of(batch, s, e) for s, e in zip(found.start, found.end, strict=True)}


@pytest.mark.parametrize(
    ("text", "hot", "begins", "ends", "expected"),
    [
        ("a truly vile old man sat", "vile", {"truly": 1}, {"old": 1}, {"truly vile old"}),
        ("a truly vile old man sat", "vile", {"vile": 1}, {"vile": 1}, {"vile"}),
        (
            "one two three four vile",
            "vile",
            {"one": 9, "vile": 1},
            {"vile": 1},
            {"vile"},
        ),  # too far
        ("one two three vile", "vile", {"two": 1, "one": 2}, {"vile": 1}, {"one two three vile"}),
        ("vile old", "vile old", {"old": 1}, {"vile": 9}, {"old"}),  # none ends before it begins
        ("Out. Vile mob. In", "Vile", {"Out": 9}, {"In": 9, "mob": 1}, {"Vile mob"}),
        ("so vile, he said", "vile", {"vile": 1}, {",": 1}, {"vile"}),  # marks are taken off
    ],
)
def test_runs_move_to_the_surest_edges(text, hot, begins, ends, expected):
    assert moved(PHRASE, text, hot.split(), begins, ends) == expected


def test_clauses_have_edges_of_their_own():
    text = "He left, which proved nothing to us at all"
    found = moved(CLAUSE, text, ["proved"], {"which": 1}, {"nothing": 1})
    assert "which proved nothing" in found
    assert moved(CLAUSE, text, ["proved"], {"proved": 1}, {"proved": 1}) >= {"proved"}


@given(st.lists(TEXTS, min_size=1, max_size=3), st.integers(0, 99))
@settings(max_examples=60)
def test_moved_spans_stay_in_their_sentences(texts, seed):
    batch, voice = scene(*texts)
    rng = np.random.default_rng(seed)
    evidence = any_evidence(batch, voice, 4, rng)
    evidence.edges = rng.normal(-1, 2, (len(batch), len(EDGES))).astype(np.float32)
    found = propose(batch, voice, evidence, ALL, np.tile(LEVELS, (4, 1)))
    runs = np.isin(found.label, [0, 1])
    start, last = found.start[runs], found.end[runs] - 1
    assert (start <= last).all()
    assert (batch.sentence[start] == batch.sentence[last]).all()
    rows = list(zip(found.label, found.start, found.end, strict=True))
    assert len(set(rows)) == len(rows)
    assert (np.diff(found.label) >= 0).all()
