"""Adapters of labelled sets, on invented records in their formats."""

from __future__ import annotations

import json

import numpy as np
import pytest

from framing.errors import AnnotationError
from training.benchmarks.sets import ADAPTERS, joined, read_set


def span(text, words, label, **more):
    start = text.index(words)
    return {"start": start, "end": start + len(words), "label": label, "text": words, **more}


LIAR = "The shameless mayor lied again."
CALM = "The council met on Monday."
STORY = "Rain fell. Officials said roads flooded. It is widely feared that more will come."
RECORDS = {
    "babe": [
        {"id": "babe-0", "text": LIAR, "label": 1, "fold": 1, "url": "http://a",
         "spans": [span(LIAR, "shameless", "biased_word")]},
        {"id": "babe-1", "text": CALM, "label": 0, "fold": 0, "url": "http://a", "spans": []},
        {"id": "babe-2", "text": CALM, "label": 0, "fold": 1, "url": None, "spans": []},
    ],
    "checkthat": [{"id": "x-1", "text": LIAR, "label": 1}, {"id": "x-2", "text": CALM, "label": 0}],
    "weasel": [{"id": "w-1", "text": "Some feel ill.", "label": 1},
               {"id": "w-2", "text": "Some feel ill.", "label": 1}],
    "nsdc": [
        {"id": "nsdc-12", "doc": "d1", "text": LIAR, "label": 1},
        {"id": "nsdc-9", "doc": "d1", "text": CALM, "label": 0},
        {"id": "nsdc-10", "doc": "d1", "text": "What now?", "label": None},
        {"id": "nsdc-3", "doc": "d2", "text": CALM, "label": 0},
    ],
    "promo_blocks": [
        {"id": "p-2", "doc": "p", "pos": 2, "text": "Read more: cats", "label": 1},
        {"id": "p-1", "doc": "p", "pos": 1, "text": CALM, "label": 0},
    ],
    "ptc": [
        {"id": "ptc-1", "text": LIAR, "spans": [
            span(LIAR, "shameless mayor", "Name_Calling,Labeling"),
            span(LIAR, "mayor lied", "Loaded_Language"),
            span(LIAR, "lied again", "Doubt"),
        ]},
    ],
    "polnear": [
        {"id": "pn-1", "text": STORY, "spans": [
            span(STORY, "Officials", "source", attribution="E1"),
            span(STORY, "said", "cue", attribution="E1"),
            span(STORY, "roads flooded", "content", attribution="E1"),
            span(STORY, "is widely feared", "cue", attribution="E2"),
            span(STORY, "is widely feared", "attribution-no-source", attribution="E2"),
        ]},
    ],
}  # fmt: skip


def write(folder, name, records):
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def made(request, tmp_path):
    """One set, read from a file in its format."""
    write(tmp_path, request.param, RECORDS[request.param])
    return read_set(request.param, tmp_path)


def words_of(document, label):
    return [document.text[mark.start : mark.end] for mark in document.marks if mark.label == label]


def row_words(made):
    return [
        (made.documents[row.document].text[row.start : row.end], row.truth) for row in made.rows
    ]


def test_every_adapter_is_tried():
    assert set(RECORDS) == set(ADAPTERS)


@pytest.mark.parametrize("made", sorted(RECORDS), indirect=True)
def test_every_mark_is_of_the_schema_and_inside(made):
    for document in made.documents:
        assert {mark.label for mark in document.marks} <= set(made.schema.names)
        assert all(0 <= mark.start < mark.end <= document.chars for mark in document.marks)
        assert list(document.marks) == sorted(document.marks)
    assert [row.document for row in made.rows] == sorted(row.document for row in made.rows)
    assert len(made.digest) == 64


@pytest.mark.parametrize("made", ["babe"], indirect=True)
def test_babe(made):
    assert [words_of(each, "biased") for each in made.documents] == [[LIAR], [], []]
    assert words_of(made.documents[0], "biased_word") == ["shameless"]
    assert made.given.tolist() == [1, 0, 1]
    assert [each.group for each in made.documents] == ["http://a", "http://a", "babe-2"]
    assert not made.schema.speech


@pytest.mark.parametrize("made", ["weasel"], indirect=True)
def test_the_same_sentence_twice_is_one_group(made):
    assert len({each.group for each in made.documents}) == 1
    assert made.measure == "F1"


@pytest.mark.parametrize("made", ["nsdc"], indirect=True)
def test_nsdc_reads_articles_in_order_without_unclear_rows(made):
    assert [each.text for each in made.documents] == [f"{CALM}\n{LIAR}", CALM]
    assert row_words(made) == [(CALM, False), (LIAR, True), (CALM, False)]
    assert words_of(made.documents[0], "subjective") == [LIAR]
    assert made.schema.speech


@pytest.mark.parametrize("made", ["promo_blocks"], indirect=True)
def test_blocks_stand_in_page_order(made):
    assert row_words(made) == [(CALM, False), ("Read more: cats", True)]
    assert made.schema.labels[0].unit == "insert"


@pytest.mark.parametrize("made", ["ptc"], indirect=True)
def test_ptc_techniques_by_unit(made):
    assert words_of(made.documents[0], "words") == ["shameless mayor lied"]
    assert words_of(made.documents[0], "move") == ["lied again"]
    assert made.rows == ()


@pytest.mark.parametrize("made", ["polnear"], indirect=True)
def test_polnear_sentences(made):
    assert [truth for _, truth in row_words(made)] == [False, True, True]
    assert words_of(made.documents[0], "source") == ["Officials"]
    assert len(words_of(made.documents[0], "attributed")) == 2


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(5, 8), (0, 3)], [(0, 3), (5, 8)]),
        ([(0, 3), (3, 5)], [(0, 5)]),
        ([(0, 9), (2, 4), (8, 10)], [(0, 10)]),
    ],
)
def test_joined(spans, expected):
    assert joined(spans) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "babe.jsonl:1: no JSON"),
        ("[1]", "babe.jsonl:1: no JSON object"),
        ('{"id": "babe-0", "text": "x"}', "babe.jsonl: not in the format of babe: KeyError"),
    ],
)
def test_a_broken_file_is_named(tmp_path, line, message):
    (tmp_path / "babe.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"^[^\n]+$") as error:
        read_set("babe", tmp_path)
    assert message in str(error.value)


def test_digest_follows_the_file(tmp_path):
    write(tmp_path, "babe", RECORDS["babe"])
    before = read_set("babe", tmp_path)
    write(tmp_path, "babe", RECORDS["babe"][:2])
    after = read_set("babe", tmp_path)
    assert before.digest != after.digest
    assert np.array_equal(before.given[:2], after.given)
