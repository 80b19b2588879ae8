"""Our own corpus measured: both kinds paired, devices side by side, growing parts, the picture."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.evaluate import compare
from training.benchmarks.own import (
    SHARES,
    as_benchmark,
    compared,
    device_table,
    difference,
    report_results,
    shares_of,
)
from training.benchmarks.own import (
    test_report as score_test_split,
)
from training.benchmarks.reliability import reliability

LABELS = ("loaded", "verdict")


def document(number, *marks, group=None, text="x" * 100):
    meta = {"group": group or f"g{number}"}
    return AnnotatedDocument(f"d{number}", text, marks, meta, text_hash(text), len(text))


DOCUMENTS = [
    document(number, Mark(0, 10, "loaded"), Mark(20, 60, "verdict")) for number in range(30)
]


def report(share):
    """A model that finds the loaded words of the first documents, and a candidate in each."""
    found = [
        [("loaded", 0, 10, 0.8)] if number < share * 30 else [("loaded", 40, 50, 0.6)]
        for number in range(30)
    ]
    candidates = [[*spans, ("verdict", 20, 58, 0.1)] for spans in found]
    return compare(DOCUMENTS, found, LABELS, candidates)


def test_difference_is_paired():
    good, fair = report(0.9), report(0.3)
    value, low, high = difference(good, fair, "partial")
    assert value == pytest.approx(good.score("partial").f1 - fair.score("partial").f1)
    assert 0 < low < value < high
    assert difference(good, good, "partial") == (0, 0, 0)
    back = difference(fair, good, "partial")
    assert back == pytest.approx((-value, -high, -low))


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [(0.9, 0.3, "boosted is better"), (0.3, 0.9, "linear is better"), (0.5, 0.5, "neither")],
)
def test_verdict(first, second, verdict):
    results, line = compared(report(first), report(second), "test split")
    assert verdict in line
    assert [each.score for each in results] == [
        "span F1 difference", "one-to-one F1 difference", "exact F1 difference",
    ]  # fmt: skip


def test_every_score_of_every_device():
    found = {each.score: each for each in report_results(report(0.5), "test split", "linear")}
    assert found["span F1"].n == 60
    assert found["one-to-one F1 loaded"].value == pytest.approx(0.5)
    assert found["predicted per gold verdict"].value == 0
    assert found["average precision loaded"].value == pytest.approx(0.5)
    assert found["average precision verdict"].value == 1
    assert found["calibration error loaded"].value == pytest.approx((0.6 + 0.2) / 2)
    assert found["span F1"].low <= found["span F1"].value <= found["span F1"].high


def test_device_table():
    lines = device_table(report(0.5)).split("\n")
    assert lines[0].split() == [
        "device",
        "n",
        "exact",
        "partial",
        "interval",
        "1-1",
        "AP",
        "ECE",
        "chance",
        "p/g",
    ]
    assert lines[2].split()[0] == "loaded"
    assert lines[2].split()[-4:-2] == ["0.500", "0.400"]
    assert lines[-1].split()[0] == "all"


def test_parts_grow_by_whole_groups():
    documents = [document(number, group=f"g{number // 3}") for number in range(48)]
    parts = shares_of(documents, 3)
    assert [share for share, _ in parts] == list(SHARES)
    assert [len(part) for _, part in parts] == [6, 12, 24, 48]
    for (_, smaller), (_, larger) in pairwise(parts):
        assert {each.id for each in smaller} < {each.id for each in larger}
    assert shares_of(documents, 3)[0][1] == parts[0][1]
    assert shares_of(documents, 4)[0][1] != parts[0][1]


def test_digest_follows_the_marks(schema):
    before = as_benchmark(DOCUMENTS, schema).digest
    assert before == as_benchmark(list(DOCUMENTS), schema).digest
    assert before != as_benchmark([*DOCUMENTS[1:], document(0)], schema).digest


def test_the_model_is_asked(handmade_model):
    text = "What a reckless plan."
    made = document(0, Mark(7, 15, "loaded_language"), text=text)
    found = score_test_split(handmade_model, [made])
    assert found.score("exact", "loaded_language").f1 == 1
    assert found.average_precision("loaded_language") == 1


def test_the_picture_shows_every_device():
    made = report(0.5)
    root = ET.fromstring(reliability(made))  # noqa: S314 - our own
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert set(LABELS) <= set(words)
    assert any(word.startswith("n 30, error 0.40 (chance 0.") for word in words)
    assert any(word.startswith("n 30, error 0.90") for word in words)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 16
    assert reliability(made) == reliability(report(0.5))
