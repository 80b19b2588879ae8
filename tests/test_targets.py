from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.candidates import Candidates
from framing.features import EDGES
from framing.pieces import Lexicon
from framing.schema import Label, Schema
from framing.targets import (
    candidate_targets,
    edge_targets,
    marked_tokens,
    sentence_targets,
    token_targets,
)
from framing.text import read

SCHEMA = Schema((Label("loaded", "", "phrase"), Label("verdict", "", "clause")))
TEXT = "The vile mob, it ran. So did he."  # The vile mob , it ran . So did he .


def document(text, *marks):
    return AnnotatedDocument("one", text, marks, {}, text_hash(text), len(text))


def mark(text, words, label="loaded"):
    return Mark(text.index(words), text.index(words) + len(words), label)


def marked(*documents):
    batch = read([each.text for each in documents], Lexicon())
    return marked_tokens(batch, documents, SCHEMA).tolist()


# --- marks as tokens ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("vile", [1, 2]),
        ("vile mob", [1, 3]),
        (" vile ", [1, 2]),  # white space is no token's own
        ("vile mob,", [1, 4]),
        ("il", [1, 2]),  # part of a word is the word
        (TEXT, [0, 11]),
        ("he.", [9, 11]),
    ],
)
def test_marks_are_the_tokens_they_touch(words, tokens):
    assert marked(document(TEXT, mark(TEXT, words))) == [[0, *tokens]]


def test_white_space_alone_is_no_mark():
    assert marked(document(TEXT, Mark(3, 4, "loaded"))) == []


def test_other_labels_are_left_out():
    assert marked(document(TEXT, mark(TEXT, "vile", "hype"), mark(TEXT, "ran", "verdict"))) == [
        [1, 5, 6]
    ]


def test_marks_of_later_documents_come_after():
    first, second = document(TEXT, mark(TEXT, "he.")), document(TEXT, mark(TEXT, "The"))
    assert marked(first, second) == [[0, 9, 11], [0, 11, 12]]


def test_no_marks():
    batch = read([TEXT], Lexicon())
    assert marked_tokens(batch, [document(TEXT)], SCHEMA).shape == (0, 3)


# --- tokens and sentences -----------------------------------------------------------------


def test_targets_of_tokens():
    marks = np.array([[0, 1, 3], [1, 2, 4]])
    assert token_targets(marks, 5, 2).astype(int).tolist() == [
        [0, 0], [1, 0], [1, 1], [0, 1], [0, 0],
    ]  # fmt: skip


def test_targets_of_sentences():
    batch = read([TEXT, "Yes."], Lexicon())
    marks = np.array([[0, 5, 8], [1, 10, 11]])  # the first runs on into the second sentence
    assert sentence_targets(marks, batch, 2).astype(int).tolist() == [[1, 0], [1, 1], [0, 0]]


# --- candidates ---------------------------------------------------------------------------

INSERTS = np.array([False, False, True])


def quality(rows, marks):
    array = np.asarray(rows, np.int64).reshape(-1, 3)
    candidates = Candidates(array[:, 0], array[:, 1], array[:, 2])
    found = candidate_targets(candidates, np.asarray(marks, np.int64).reshape(-1, 3), INSERTS, 20)
    return found.tolist()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((0, 2, 6), 1.0),  # exactly a mark
        ((0, 2, 4), 0.5),
        ((0, 0, 8), 0.5),
        ((0, 4, 12), 0.5),  # two of ten with the one, four of eight with the other
        ((0, 0, 2), 0.0),  # touches only
        ((0, 14, 20), 0.0),
        ((1, 2, 6), 0.0),  # no mark of this label
    ],
)
def test_phrases_and_clauses_fit_by_iou(row, expected):
    marks = [(0, 8, 12), (0, 2, 6)]
    assert quality([row], marks) == pytest.approx([expected])


def test_inserts_fit_by_the_share_that_is_marked():
    marks = [(2, 0, 4), (2, 4, 10)]
    assert quality([(2, 0, 4), (2, 2, 8), (2, 8, 12), (2, 10, 12)], marks) == [1, 1, 0.5, 0]


def test_nothing_to_fit():
    assert quality([], [(0, 1, 2)]) == []
    assert quality([(0, 1, 2)], []) == [0]


SPANS = st.lists(
    st.tuples(st.integers(0, 15), st.integers(1, 5)).map(lambda row: (row[0], row[0] + row[1])),
    max_size=8,
)


@given(SPANS, SPANS)
def test_fit_is_the_best_iou(rows, others):
    marks = []
    for start, end in sorted(others):
        if not marks or marks[-1][1] <= start:  # marks of a label do not overlap
            marks.append((start, end))
    found = quality([(0, *row) for row in rows], [(0, *each) for each in marks])
    for (start, end), value in zip(rows, found, strict=True):
        ious = [0.0]
        for a, b in marks:
            shared = len(set(range(start, end)) & set(range(a, b)))
            ious.append(shared / len(set(range(start, end)) | set(range(a, b))))
        assert value == pytest.approx(max(ious))


def test_edges_of_marks():
    labels = (
        Label("loaded", "", "phrase"), Label("verdict", "", "clause"),
        Label("pitch", "", "insert"), Label("scare", "", "phrase", quotation=True),
    )  # fmt: skip
    marks = np.array([(0, 1, 3), (1, 0, 4), (2, 5, 7), (3, 8, 9)])
    found = edge_targets(marks, 10, labels)
    assert found.shape == (10, len(EDGES))
    where = {name: np.flatnonzero(each).tolist() for name, each in zip(EDGES, found.T, strict=True)}
    assert where == {
        "clause begins": [0], "clause ends": [3], "phrase begins": [1], "phrase ends": [2],
        "any label": [0, 1, 2, 3, 8],
    }  # fmt: skip
