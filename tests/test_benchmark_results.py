"""The table, the history and the alarms of benchmark scores."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from training.benchmarks.results import Reference, References, Result, alarms, table, write_history
from training.benchmarks.sets import ADAPTERS

SCORE = Result("babe", "folds by article", "macro-F1", "boosted", 0.78, 100, 0.7, 0.8)
SHIPPED = Result("babe", "transfer", "AUC", "linear 0123456789ab", 0.79, 100)
KNOWN = References(
    {
        ("babe", "inside", "macro-F1"): Reference("BERT 0.80", floor=0.7, target=0.75, ceiling=0.9),
        ("babe", "transfer", "AUC"): Reference(target=0.8, ceiling=0.9),
    }
)


def test_the_published_figures_are_of_known_sets_and_in_order():
    references = References.read()
    assert {name for name, _, _ in references.rows} == {*ADAPTERS, "own"}
    for reference in references.rows.values():
        known = [reference.floor, reference.target, reference.ceiling]
        known = [value for value in known if value is not None]
        assert known == sorted(known)


def test_every_set_has_a_ceiling_for_its_own_measure():
    references = References.read().rows
    for name, adapter in ADAPTERS.items():
        assert references[name, "inside", adapter.measure].ceiling is not None


@pytest.mark.parametrize(("value", "count"), [(0.9, 0), (0.901, 1)])
def test_alarm_above_the_ceiling(value, count):
    found = alarms([replace(SCORE, value=value), SHIPPED], KNOWN)
    assert len(found) == count
    assert all("babe, folds by article, boosted: macro-F1" in line for line in found)


def test_table():
    lines = table([SCORE, SHIPPED, Result("odd", "transfer", "F1", "linear", 0.5, 3)], KNOWN).split(
        "\n"
    )
    assert lines[2].split() == [
        "babe", "folds", "by", "article", "boosted", "macro-F1", "0.780", "0.700-0.800", "100",
        "0.700", "0.75+", "BERT", "0.80",
    ]  # fmt: skip
    assert lines[3].split()[-3:] == ["0.790", "100", "0.80-"]
    assert lines[4].split() == ["odd", "transfer", "linear", "F1", "0.500", "3"]


def test_history_grows_by_a_line_a_score(tmp_path):
    path = tmp_path / "history.jsonl"
    write_history([SCORE], KNOWN, "first", path)
    write_history([SHIPPED, SCORE], KNOWN, "second", path)
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [entry["run"] for entry in entries] == ["first", "second", "second"]
    assert entries[0]["published"] == "BERT 0.80"
    assert (entries[0]["low"], entries[0]["value"], entries[0]["high"]) == (0.7, 0.78, 0.8)
    assert entries[1]["model"] == "linear 0123456789ab"
    assert "low" not in entries[1]
    assert {"date", "commit", "n", "set", "protocol", "score"} <= set(entries[1])
