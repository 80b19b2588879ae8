from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.candidates import Candidates
from framing.decode import outside_inserts, reportable, select
from framing.pieces import Lexicon
from framing.schema import Label
from framing.text import read
from framing.voice import listen

PHRASE, CLAUSE = Label("loaded", "", "phrase"), Label("verdict", "", "clause")
INSERT, MARKS = Label("insert", "", "insert"), Label("scare", "", "phrase", quotation=True)
LABELS = (PHRASE, CLAUSE, INSERT, MARKS)
ANY = np.zeros(len(LABELS))
STORY = "One two three four. Five six seven.\nEight nine ten."


def batch_of(*texts):
    return read(list(texts), Lexicon())


def candidates_of(*rows):
    array = np.asarray(rows, np.int64).reshape(-1, 3)
    return Candidates(array[:, 0], array[:, 1], array[:, 2])


def chosen(rows, scores, thresholds=ANY, texts=(STORY,)):
    """Rows and scores that are selected, as plain data."""
    found, kept = select(
        batch_of(*texts), candidates_of(*rows), np.asarray(scores, float), LABELS, thresholds
    )
    assert found.shape == (len(kept), 3)
    return [tuple(row) for row in found.tolist()], kept.tolist()


# --- whose words --------------------------------------------------------------------------

SPEECH = 'Jo said "the reckless mayor has to go now" and left.'


@pytest.mark.parametrize(
    ("label", "start", "end", "reported"),
    [
        (0, 0, 2, True),  # Jo said
        (0, 3, 6, False),  # the reckless mayor
        (0, 2, 11, False),  # with its marks
        (0, 1, 3, False),  # said ": one of two tokens is quoted, and half is too much
        (0, 0, 3, True),  # Jo said ": one of three
        (0, 0, 4, False),  # Jo said " the
        (0, 11, 13, True),  # and left
        (1, 3, 6, False),
        (2, 3, 6, True),  # an insert may stand anywhere
        (3, 2, 11, True),  # marks are the label itself
    ],
)
def test_quoted_words_are_not_reported(label, start, end, reported):
    batch = batch_of(SPEECH)
    voice = listen(batch)
    assert voice.quoted[2:11].all()
    assert voice.quoted.sum() == 9
    allowed = reportable(voice, candidates_of((label, start, end)), LABELS)
    assert allowed.tolist() == [reported]


def test_words_of_speech_are_reported_where_they_count():
    batch = batch_of(SPEECH)
    rows = candidates_of((0, 3, 6), (1, 3, 6), (0, 0, 2))
    assert reportable(listen(batch), rows, LABELS).tolist() == [False, False, True]
    assert reportable(listen(batch, counted=True), rows, LABELS).all()


def test_no_candidates():
    batch = batch_of(SPEECH)
    assert reportable(listen(batch), candidates_of(), LABELS).tolist() == []
    assert chosen([], []) == ([], [])


# --- greedy -------------------------------------------------------------------------------


def test_the_best_comes_first():
    rows = [(0, 0, 3), (0, 2, 4), (0, 3, 4)]
    assert chosen(rows, [0.5, 0.9, 0.4]) == ([(0, 2, 4)], [0.9])


def test_of_equals_the_earlier():
    assert chosen([(0, 1, 3), (0, 0, 2)], [0.5, 0.5]) == ([(0, 0, 2)], [0.5])


def test_spans_may_touch():
    assert chosen([(0, 0, 2), (0, 2, 4)], [0.5, 0.9]) == ([(0, 0, 2), (0, 2, 4)], [0.5, 0.9])


def test_other_labels_may_overlap():
    rows = [(1, 0, 4), (0, 1, 2), (3, 1, 2)]
    found, _ = chosen(rows, [0.5, 0.9, 0.1])
    assert found == [(1, 0, 4), (0, 1, 2), (3, 1, 2)]


def test_thresholds_are_inclusive_and_by_label():
    rows = [(0, 0, 1), (0, 1, 2), (1, 0, 1), (1, 1, 2)]
    least = np.array([0.5, 0.8, 0, 0])
    found, scores = chosen(rows, [0.5, 0.4999, 0.8, 0.7], least)
    assert found == [(0, 0, 1), (1, 0, 1)]
    assert scores == [0.5, 0.8]


def test_text_order():
    rows = [(3, 5, 6), (1, 0, 9), (0, 0, 2), (1, 9, 10), (0, 5, 6)]
    found, scores = chosen(rows, [0.1, 0.2, 0.3, 0.4, 0.5])
    assert found == [(0, 0, 2), (1, 0, 9), (0, 5, 6), (3, 5, 6), (1, 9, 10)]
    assert scores == [0.3, 0.2, 0.5, 0.1, 0.4]


PROPOSALS = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 11), st.integers(1, 5), st.sampled_from([0.1, 0.4, 0.7, 0.9])
    ).map(lambda row: (row[0], row[1], min(row[1] + row[2], 13), row[3])),
    max_size=25,
    unique_by=lambda row: row[:3],
)  # fmt: skip


@given(PROPOSALS, st.sampled_from([0.0, 0.4, 0.95]))
def test_greedy_selection(proposals, least):
    """Against the plain reading of the rule; inserts are looked at before they are joined."""
    proposals = [row for row in proposals if row[0] != 2]
    thresholds = np.full(4, least)
    found, scores = chosen(
        [row[:3] for row in proposals], [row[3] for row in proposals], thresholds
    )
    expected = []
    for row in sorted(proposals, key=lambda row: (-row[3], row[1])):
        clashes = [
            other for other in expected
            if other[0] == row[0] and other[1] < row[2] and row[1] < other[2]
        ]  # fmt: skip
        if row[3] >= least and not clashes:
            expected.append(row)
    order = sorted(expected, key=lambda row: (row[1], row[2], row[0]))
    ties = {(row[0], row[1], row[3]) for row in proposals}
    if len(ties) == len(proposals):  # else either of two may come first
        assert [(*row, score) for row, score in zip(found, scores, strict=True)] == order


@given(PROPOSALS)
def test_spans_of_a_label_never_overlap(proposals):
    found, scores = chosen([row[:3] for row in proposals], [row[3] for row in proposals])
    assert found == sorted(found, key=lambda row: (row[1], row[2], row[0]))
    for label in range(4):
        mine = sorted(row[1:] for row in found if row[0] == label)
        assert all(a[1] <= b[0] for a, b in pairwise(mine))
    assert max(scores, default=None) == max((row[3] for row in proposals), default=None)


# --- inserts ------------------------------------------------------------------------------


def test_adjacent_inserts_are_joined():
    rows = [(2, 0, 5), (2, 5, 9), (2, 10, 13)]
    assert chosen(rows, [0.5, 0.9, 0.7]) == ([(2, 0, 9), (2, 10, 13)], [0.9, 0.7])


def test_three_in_a_row_are_one():
    assert chosen([(2, 9, 13), (2, 0, 5), (2, 5, 9)], [0.3, 0.2, 0.1]) == ([(2, 0, 13)], [0.3])


def test_inserts_are_joined_whatever_stands_in_them():
    rows = [(2, 0, 5), (0, 2, 3), (2, 5, 9), (3, 7, 8)]
    found, scores = chosen(rows, [0.5, 0.6, 0.7, 0.8])
    assert found == [(2, 0, 9), (0, 2, 3), (3, 7, 8)]
    assert scores == [0.7, 0.6, 0.8]


def test_inserts_of_two_documents_are_two():
    texts = ("One two.", "Three four.")
    rows = [(2, 0, 3), (2, 3, 6)]
    assert chosen(rows, [0.5, 0.9], texts=texts) == ([(2, 0, 3), (2, 3, 6)], [0.5, 0.9])


def test_other_labels_are_never_joined():
    rows = [(0, 0, 2), (0, 2, 4), (2, 4, 5)]
    found, _ = chosen(rows, [0.5, 0.5, 0.5])
    assert found == [(0, 0, 2), (0, 2, 4), (2, 4, 5)]


def test_inserts_of_another_label_part_none():
    labels = (INSERT, Label("advert", "", "insert"))
    candidates = candidates_of((0, 0, 5), (1, 2, 3), (0, 5, 9))
    found, scores = select(
        batch_of(STORY), candidates, np.array([0.5, 0.6, 0.7]), labels, np.zeros(2)
    )
    assert found.tolist() == [[0, 0, 9], [1, 2, 3]]
    assert scores.tolist() == [0.7, 0.6]


def test_inserts_are_joined_by_their_own_label_and_document():
    labels = (INSERT, Label("advert", "", "insert"))
    candidates = candidates_of((0, 0, 3), (1, 3, 6), (1, 6, 7), (0, 6, 7), (0, 7, 9))
    texts = ("One two.", "Three four. Five six.")
    found, _ = select(batch_of(*texts), candidates, np.full(5, 0.5), labels, np.zeros(2))
    assert found.tolist() == [[0, 0, 3], [1, 3, 7], [0, 6, 9]]


def test_two_insert_labels_are_not_joined():
    labels = (INSERT, Label("advert", "", "insert"))
    found, _ = select(
        batch_of(STORY),
        candidates_of((0, 0, 5), (1, 5, 9)),
        np.array([0.5, 0.5]),
        labels,
        np.zeros(2),
    )
    assert found.tolist() == [[0, 0, 5], [1, 5, 9]]


# --- what an insert covers ----------------------------------------------------------------

OUTSIDE = {
    "nothing": ([], []),
    "no insert": ([(0, 0, 2), (1, 1, 5)], [0, 1]),
    "edges of an insert": (
        [(0, 2, 5), (0, 3, 4), (0, 5, 8), (0, 6, 7), (0, 1, 3), (2, 3, 6)],
        [3, 4, 5],
    ),
    "an insert inside another": ([(2, 0, 9), (2, 2, 3), (0, 5, 6), (0, 9, 10)], [0, 1, 3]),
    "inserts in any order": ([(0, 9, 10), (2, 8, 12), (0, 5, 6), (2, 0, 3), (1, 2, 9)], [1, 2, 3]),
}


@pytest.mark.parametrize(("rows", "kept"), OUTSIDE.values(), ids=OUTSIDE)
def test_spans_that_share_a_token_with_an_insert_are_left_out(rows, kept):
    array = np.asarray(rows, np.int64).reshape(-1, 3)
    scores = np.arange(len(rows)) / 8
    found, left = outside_inserts(array, scores, LABELS)
    assert found.tolist() == [list(rows[number]) for number in kept]
    assert left.tolist() == [number / 8 for number in kept]
