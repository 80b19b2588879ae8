from __future__ import annotations

import json

import pytest

from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.evaluate import READINGS, compare, evaluate
from framing.prediction import Span

LABELS = ("loaded", "verdict")


def document(number, *marks, group=None):
    text = "x" * 100
    meta = {"group": group or f"g{number}"}
    return AnnotatedDocument(f"d{number}", text, marks, meta, text_hash(text), len(text))


DOCUMENTS = [
    document(0, Mark(0, 10, "loaded"), Mark(20, 30, "loaded"), Mark(0, 40, "verdict")),
    document(1, Mark(0, 10, "loaded"), Mark(5, 9, "unknown")),
    document(2),
]
FOUND = [
    [("loaded", 0, 10, 0.9), ("loaded", 22, 32, 0.6), ("verdict", 60, 70, 0.3)],
    [],
    [("loaded", 50, 60, 0.2)],
]


def test_compare():
    report = compare(DOCUMENTS, FOUND, LABELS)
    assert report.gold("loaded") == 3
    assert report.gold("verdict") == 1
    assert report.gold() == 4
    score = report.score("partial", "loaded")
    assert (score.precision, score.recall) == pytest.approx((1.8 / 3, 1.8 / 3))
    score = report.score("exact")
    assert (score.precision, score.recall) == pytest.approx((1 / 4, 1 / 4))
    assert report.score("one-to-one", "verdict").f1 == 0
    assert report.ratio("loaded") == 1
    assert report.ratio() == 1
    assert report.hits.tolist() == [1, 1, 0, 0]
    error = (abs(0.9 - 1) + abs(0.6 - 1) + 0.2) / 3
    assert report.calibration_error("loaded") == pytest.approx(error)
    assert report.calibration_error("verdict") == pytest.approx(0.3)


def test_intervals_hold_the_score():
    report = compare(DOCUMENTS, FOUND, LABELS)
    low, high = report.interval("partial", "loaded")
    assert low < report.score("partial", "loaded").f1 < high
    assert report.interval("partial", "verdict") == (0, 0)


def test_rows_and_table():
    report = compare(DOCUMENTS, FOUND, LABELS)
    rows = json.loads(json.dumps(report.rows()))
    assert [row["label"] for row in rows] == ["loaded", "verdict", "all"]
    assert set(READINGS) <= set(rows[0])
    assert rows[0]["partial"]["f1"] == pytest.approx(0.6)
    assert rows[0]["partial"]["low"] <= rows[0]["partial"]["f1"] <= rows[0]["partial"]["high"]
    lines = report.table().split("\n")
    assert len(lines) == 5
    assert max(map(len, lines)) <= 80
    assert lines[2].split()[:2] == ["loaded", "3"]


def test_average_precision_over_all_that_might_have_been_reported():
    candidates = [
        [*FOUND[0], ("loaded", 21, 31, 0.5)],  # the mark was taken by a surer one
        [("loaded", 0, 8, 0.7), ("loaded", 60, 70, 0.8)],
        FOUND[2],
    ]
    report = compare(DOCUMENTS, FOUND, LABELS, candidates)
    assert report.average_precision("loaded") == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert report.average_precision("verdict") == 0
    assert report.rows()[0]["average_precision"] == report.average_precision("loaded")
    assert "average_precision" not in report.rows()[2]


def test_without_candidates_there_is_none():
    report = compare(DOCUMENTS, FOUND, LABELS)
    assert report.average_precision("loaded") is None
    assert "average_precision" not in report.rows()[0]


def test_candidates_that_are_none():
    report = compare(DOCUMENTS, FOUND, LABELS, [[], [], []])
    assert report.average_precision("loaded") == 0


def test_calibration_of_all_that_might_have_been_reported():
    documents = [document(number, Mark(0, 10, "loaded")) for number in range(40)]
    found = [[("loaded", 0, 10, 0.9)] if n < 20 else [] for n in range(40)]
    others = [[("loaded", 50, 60, 0.3)] if n < 30 else [] for n in range(40)]
    candidates = [a + b for a, b in zip(found, others, strict=True)]
    alone = compare(documents, found, LABELS)
    assert alone.calibration_error("loaded") == pytest.approx(0.1)
    every = compare(documents, found, LABELS, candidates)
    assert every.calibration_error("loaded") == pytest.approx((20 * 0.1 + 30 * 0.3) / 50)
    assert 0 < every.calibration_chance("loaded") < every.calibration_error("loaded")
    assert every.rows()[0]["calibration_chance"] == every.calibration_chance("loaded")
    assert len(every.scored("loaded")[0]) == 50


class Parrot:
    """Finds what it was told."""

    labels = LABELS

    def __init__(self, documents):
        self.documents = {each.text: each for each in documents}
        self.asked = []

    def predict_many(self, texts):
        for text in texts:
            self.asked.append(text)
            yield [Span(0, 10, "loaded", 0.9, text[:10])]


def test_evaluate_asks_the_model():
    model = Parrot(DOCUMENTS)
    report = evaluate(model, DOCUMENTS)
    assert model.asked == [each.text for each in DOCUMENTS]
    assert report.score("exact", "loaded").precision == pytest.approx(2 / 3)
    assert report.score("exact", "loaded").recall == pytest.approx(2 / 3)
    assert report.groups == ("g0", "g1", "g2")


def test_nothing_to_evaluate():
    report = compare([], [], LABELS)
    assert report.score("partial").f1 == 0
    assert report.interval("partial") == (0, 0)
