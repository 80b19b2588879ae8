"""The command that measures on sets of others."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from test_benchmark_sets import write

from training.benchmarks import __main__ as command
from training.benchmarks.results import Reference, References

RECORDS = [
    {"id": f"x-{at}", "text": text, "label": label}
    for at, (text, label) in enumerate([("The reckless regime met.", 1), ("It met.", 0)] * 4)
]


@pytest.fixture
def run(tmp_path, monkeypatch, handmade_model):
    """The command with the handmade model in place of the shipped ones, on a set of its own."""
    named = replace(handmade_model, meta={**handmade_model.meta, "sha256": "f" * 64})
    monkeypatch.setattr(command, "load_model", lambda kind: named)
    write(tmp_path, "checkthat", RECORDS)

    def call(*arguments):
        options = ["--benchmarks", str(tmp_path), "--transfer-only", "--history"]
        return CliRunner().invoke(
            command.main, [*options, str(tmp_path / "history.jsonl"), *arguments]
        )

    return call


def test_a_missing_set_is_named_and_left_out(run, tmp_path):
    result = run("--only", "babe", "--only", "checkthat", "--note", "a trial")
    assert result.exit_code == 1  # a perfect score is an alarm
    assert "babe: no babe.jsonl in --benchmarks, left out" in result.stderr
    assert "alarm: checkthat, transfer" in result.stderr
    assert "checkthat" in result.stdout
    lines = (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    assert {entry["set"] for entry in entries} == {"checkthat"}
    assert {entry["run"] for entry in entries} == {"a trial"}
    assert {entry["model"] for entry in entries} == {"linear ffffffffffff"}


def test_no_alarm_below_the_ceiling(run, monkeypatch):
    known = References({("checkthat", "transfer", "AUC"): Reference(ceiling=1.0)})
    monkeypatch.setattr(References, "read", lambda: known)
    result = run("--only", "checkthat")
    assert result.exit_code == 0, result.output
    assert "alarm" not in result.stderr


def test_an_unknown_set_is_wrong_usage(run):
    result = run("--only", "checkthat,odd")
    assert result.exit_code == 2
    assert "no set 'odd'" in result.stderr


def test_nothing_at_all_is_there(tmp_path):
    result = CliRunner().invoke(
        command.main, ["--only", "ptc", "--history", str(tmp_path / "history.jsonl")]
    )
    assert result.exit_code == 0
    assert "ptc: no ptc.jsonl" in result.stderr
    assert not (tmp_path / "history.jsonl").exists()
