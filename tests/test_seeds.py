"""The five seed articles, which no shipped model was trained on.

`FRAMING_TEXTS` names the folder of texts; its `seeds/*.txt` are those articles.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import KINDS, ROOT

from framing.annotations import read_annotations, read_file

TEXTS = os.environ.get("FRAMING_TEXTS")
STEERING = ("editorializing", "loaded_language", "loaded_attribution")
INSERT = "promotional_link"

SEEDS = ROOT / "annotations" / "standoff" / "seeds.jsonl"


@pytest.fixture(scope="module")
def seeds():
    """The five, with their texts."""
    if not TEXTS:
        pytest.skip("FRAMING_TEXTS is not set")
    folder = Path(TEXTS) / "seeds"
    assert folder.is_dir(), f"FRAMING_TEXTS is set, but there is no {folder}"
    documents, missing = read_annotations([SEEDS], folder)
    assert not missing, f"not found in {folder}: {[each.id for each in missing]}"
    assert len(documents) == 5
    return sorted(documents, key=lambda each: each.id)


@pytest.fixture(scope="module", params=KINDS)
def readings(request, seeds):
    """What each shipped model finds in them."""
    model = request.getfixturevalue(request.param)
    return list(model.predict_many([each.text for each in seeds]))


def spans_of(document, *labels):
    return [(mark.start, mark.end, mark.label) for mark in document.marks if mark.label in labels]


def test_no_model_was_trained_on_them():
    seeds = list(read_file(SEEDS))
    assert [each.id[:3] for each in seeds] == ["000", "001", "002", "003", "004"]
    assert [each.meta["split"] for each in seeds] == ["test"] * 5


def test_spans_are_exact(seeds, readings):
    for document, found in zip(seeds, readings, strict=True):
        for span in found:
            assert document.text[span.start : span.end] == span.text


@pytest.mark.parametrize("number", range(5))
def test_the_insert_of_the_fifth_is_found_exactly_and_no_other(seeds, readings, number):
    expected = [row[:2] for row in spans_of(seeds[number], INSERT)]
    assert len(expected) == (1 if number == 4 else 0)
    found = [(span.start, span.end) for span in readings[number] if span.label == INSERT]
    assert found == expected


@pytest.mark.parametrize("number", range(5))
def test_the_steering_of_each_is_found(seeds, readings, number):
    """At least one span of the devices that carry a judgement meets a marked one."""
    marked = spans_of(seeds[number], *STEERING)
    assert marked
    found = [span for span in readings[number] if span.label in STEERING]
    assert any(span.start < end and start < span.end for span in found for start, end, _ in marked)
