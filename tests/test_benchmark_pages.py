"""Benchmark scores on the pages."""

from __future__ import annotations

import json

import pytest

from training.benchmarks.pages import curve_table, newest, own_table, paired_line, set_table
from training.report import BENCHMARKS, filled


def entry(name, protocol, score, model, value, **more):
    return {"set": name, "protocol": protocol, "score": score, "model": model, "value": value,
            "n": 1200, **more}  # fmt: skip


ENTRIES = [
    entry("babe", "transfer", "AUC", "boosted 0123", 0.5),
    entry("babe", "transfer", "AUC", "boosted 4567", 0.79, low=0.77, high=0.81),
    entry("babe", "transfer", "AUC", "linear 4567", 0.78, low=0.76, high=0.80),
    entry("babe", "given folds", "macro-F1", "plain", 0.74, floor=0.738, published="BERT 0.80"),
    entry("own", "test split", "exact F1", "boosted 4567", 0.30),
    entry("own", "test split", "exact F1 a_device", "boosted 4567", 0.25, low=0.2, high=0.3),
    entry("own", "test split", "calibration error a_device", "boosted 4567", 0.07),
    entry("own", "test split", "span F1 difference", "boosted-linear", 0.03, low=0.01, high=0.05),
    entry("own", "curve 1", "span F1", "boosted", 0.46),
    entry("own", "curve 0.125", "span F1", "boosted", 0.30, low=0.25, high=0.35),
    entry("own", "curve 0.125", "span F1 a_device", "boosted", 0.20),
]


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in ENTRIES), encoding="utf-8")
    return path


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_newest_scores_of_sets(history):
    lines = set_table(newest(history)).split("\n")
    assert len(lines) == 4
    assert cells(lines[2]) == [
        "babe", "transfer", "AUC", "1,200", "0.79 (0.77 to 0.81)", "0.78 (0.76 to 0.80)", "", "", "",
    ]  # fmt: skip
    assert cells(lines[3])[4:] == ["", "", "0.74", "0.74", "BERT 0.80"]


def test_devices_side_by_side(history):
    lines = own_table(newest(history)).split("\n")
    assert [cells(line)[0] for line in lines[2:]] == ["a_device", "all"]
    row = dict(zip(cells(lines[0]), cells(lines[2]), strict=True))
    assert row["exact F1"] == "0.25 (0.20 to 0.30)"
    assert row["calibration error"] == "0.07"
    assert row["span F1"] == ""
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.05, "boosted is better"),
        (-0.05, -0.01, "linear is better"),
        (-0.01, 0.05, "neither"),
    ],
)
def test_what_boosting_adds(history, low, high, verdict):
    entries = newest(history)
    models = entries["own", "test split", "span F1 difference"]
    models["boosted-linear"] |= {"low": low, "high": high}
    assert verdict in paired_line(entries)


def test_learning_curve_from_small_to_large(history):
    lines = curve_table(newest(history)).split("\n")
    assert cells(lines[0]) == ["device", "curve 0.125", "curve 1"]
    assert cells(lines[2]) == ["all", "0.30 (0.25 to 0.35)", "0.46"]
    assert cells(lines[3]) == ["a_device", "0.20", ""]


def test_nothing_is_measured_yet(tmp_path):
    entries = newest(tmp_path / "none.jsonl")
    assert paired_line(entries) == curve_table(entries) == "Not measured yet."
    assert len(set_table(entries).split("\n")) == 2


def test_the_page_takes_them(history):
    page = filled(BENCHMARKS.read_text(encoding="utf-8"), history)
    assert "0.79 (0.77 to 0.81)" in page
    assert "a_device" in page
    assert filled(page, history) == page
