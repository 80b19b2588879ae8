"""Models on sets whose labels they have never seen: what is compared with what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_benchmark_sets import STORY, span, write

from framing.schema import Schema
from training.benchmarks.sets import Row, read_set
from training.benchmarks.transfer import attributions, columns_for, covered, transfer

BAD, CALM = "The reckless regime met.", "The council met."


def scores(tmp_path, name, records, model):
    """Results of a set of these records, by the name of the score."""
    write(tmp_path, name, records)
    found = transfer(read_set(name, tmp_path), model, "0123456789abcdef", tmp_path)
    assert {(each.set, each.protocol, each.model) for each in found} == {
        (name, "transfer", "linear 0123456789ab")
    }
    return {each.score: each for each in found}


@pytest.fixture
def vague_model(handmade_model):
    """The handmade model, its clause device called vague attribution."""
    labels = tuple(
        replace(label, name="vague_attribution") if label.name == "editorializing" else label
        for label in handmade_model.schema.labels
    )
    return replace(handmade_model, schema=Schema(labels))


def test_rows_are_ranked_by_any_device_but_the_insert(tmp_path, handmade_model):
    texts = [(BAD, 1), (CALM, 0), ("Subscribe now.", 0), ("They met.", 0)] * 5
    records = [
        {"id": f"x-{at}", "text": text, "label": label} for at, (text, label) in enumerate(texts)
    ]
    found = scores(tmp_path, "checkthat", records, handmade_model)
    assert found["AUC"].value == 1
    assert found["macro-F1 of reported"].value == 1
    assert found["AUC"].n == 20
    assert "any device but the insert" in found["AUC"].note


def test_quotations_count_where_the_set_counts_them(tmp_path, handmade_model):
    said = '"The reckless regime has met in the town hall again today," said Smith.'
    rows = [
        {"id": f"r-{at}", "doc": f"d{at}", "text": text, "label": label}
        for at, (text, label) in enumerate([(said, 1), (CALM, 0)] * 4)
    ]
    assert scores(tmp_path, "nsdc", rows, handmade_model)["AUC"].value == 1
    assert scores(tmp_path, "checkthat", rows, handmade_model)["AUC"].value < 1


def test_columns(handmade_model, vague_model):
    names = handmade_model.schema.names
    assert {names[at] for at in columns_for("babe", handmade_model)} == {
        "editorializing", "loaded_language", "scare_quotes",
    }  # fmt: skip
    assert [vague_model.schema.names[at] for at in columns_for("weasel", vague_model)] == [
        "vague_attribution"
    ]


def test_blocks_that_lie_in_inserts(tmp_path, handmade_model):
    blocks = [(CALM, 0), ("Subscribe today", 1), ("Photo: a council", 1), (CALM, 0)]
    records = [
        {"id": f"p-{at}", "doc": "p", "pos": at, "text": text, "label": label}
        for at, (text, label) in enumerate(blocks)
    ]
    found = scores(tmp_path, "promo_blocks", records, handmade_model)
    assert found["F1"].value == pytest.approx(2 / 3)


def test_more_than_a_share_is_covered():
    rows = [Row(0, 0, 10, True), Row(0, 10, 20, True), Row(1, 0, 4, True)]
    spans = [[("a", 0, 6, 1.0), ("a", 3, 8, 1.0), ("b", 10, 20, 1.0)], []]
    assert covered(rows, spans, {"a"}, 0.5).tolist() == [True, False, False]
    assert covered(rows, spans, {"a"}, 0.8).tolist() == [False, False, False]
    assert covered(rows, spans, {"a", "b"}, 0.0).tolist() == [True, True, False]


def test_spans_of_all_labels_are_one(tmp_path, handmade_model):
    marks = [span(BAD, "reckless", "Loaded_Language"), span(BAD, "regime", "Doubt")]
    records = [{"id": f"a-{at}", "text": BAD, "spans": marks} for at in range(3)]
    found = scores(tmp_path, "ptc", records, handmade_model)
    assert list(found) == ["span F1", "one-to-one F1", "exact F1", "predicted per gold"]
    assert found["predicted per gold"].value == 0.5  # one span over both words
    assert found["exact F1"].value == 0
    assert found["span F1"].n == 6


def test_quotations_are_read_where_spans_of_speech_are_marked(tmp_path, handmade_model):
    text = 'Ana Ruiz, who lost, said: "It was a reckless thing to do for a town like ours."'
    marks = [span(text, "reckless", "Loaded_Language")]
    found = scores(tmp_path, "ptc", [{"id": "a", "text": text, "spans": marks}], handmade_model)
    assert found["exact F1"].value == 1


def test_attributions():
    record = {
        "text": STORY,
        "spans": [
            span(STORY, "Officials", "source", attribution="E1"),
            span(STORY, "said", "cue", attribution="E1"),
            span(STORY, "roads flooded", "content", attribution="E1"),
            span(STORY, "is widely feared", "cue", attribution="E2"),
            span(STORY, "is widely feared", "attribution-no-source", attribution="E2"),
            span(STORY, "It", "source", attribution="E3"),
        ],
    }
    named, sourceless = attributions(record)
    assert (named.named, named.sourceless) == (True, False)
    assert [STORY[a:b] for a, b in named.content] == ["roads flooded"]
    assert (sourceless.named, sourceless.sourceless) == (False, True)
    assert STORY[sourceless.cue :].startswith("is widely")


def test_sourceless_sentences_against_named_ones(tmp_path, vague_model):
    text = 'Ann Lee said "the reckless regime" fell. The plan lays bare a rift.'
    records = [
        {
            "id": f"a-{at}",
            "text": text,
            "spans": [
                span(text, "Ann Lee", "source", attribution="1"),
                span(text, "said", "cue", attribution="1"),
                span(text, '"the reckless regime"', "content", attribution="1"),
                span(text, "lays bare", "cue", attribution="2"),
                span(text, "lays bare", "attribution-no-source", attribution="2"),
            ],
        }
        for at in range(3)
    ]
    found = scores(tmp_path, "polnear", records, vague_model)
    assert found["AUC"].value == 1
    assert found["AUC"].n == 6
    inside = found["share inside quotations"]
    assert 0 < inside.value < 1
    assert inside.n > 3
