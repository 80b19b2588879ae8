from __future__ import annotations

import json

import pytest

from framing import lots, scoring
from framing.errors import InputError
from framing.filters import Filter
from framing.lots import Scored
from framing.prediction import Prediction, Span, profile
from framing.scoring import Job, Outcome, score_paths

LABELS = ("loaded_language", "editorializing")
TEXT = "The reckless council lays bare the reckless mayor."


def prediction(*rows):
    spans = tuple(Span(start, start + 1, label, score, "x") for start, label, score in rows)
    return Prediction("x" * 50, spans, profile(LABELS, spans, 50, 1, 2))


FOUND = prediction((0, LABELS[0], 0.4), (1, LABELS[1], 0.6), (2, LABELS[0], 0.9))


@pytest.fixture
def folder(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(TEXT * number)
    return tmp_path


# --- filter -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("devices", "min_score", "starts"),
    [
        ((), 0.0, [0, 1, 2]),
        ((LABELS[0],), 0.0, [0, 2]),
        (LABELS, 0.0, [0, 1, 2]),
        ((), 0.6, [1, 2]),
        ((LABELS[0],), 0.5, [2]),
        ((), 1.0, []),
    ],
)
def test_what_is_reported(devices, min_score, starts):
    chosen = Filter.of(LABELS, devices, min_score, {})
    assert [span.start for span in chosen.apply(FOUND)] == starts
    assert chosen.apply(FOUND).text == FOUND.text
    found = chosen.apply(FOUND).profile
    assert (found.words, found.sentences, found.attributions) == (50, 1, 2)
    assert sum(found.counts.values()) == len(starts)
    assert found.marked_share == len(starts) / 50


def test_nothing_left_out_is_the_same_object():
    assert Filter().apply(FOUND) is FOUND


@pytest.mark.parametrize(
    ("fail_on", "met"),
    [
        ({}, False),
        ({LABELS[0]: 0.0}, True),
        ({LABELS[0]: 0.9}, True),
        ({LABELS[0]: 0.91}, False),
        ({LABELS[1]: 0.7}, False),
        ({LABELS[1]: 0.7, LABELS[0]: 0.5}, True),
    ],
)
def test_what_fails(fail_on, met):
    assert Filter.of(LABELS, (), 0.0, fail_on).met(FOUND) is met


@pytest.mark.parametrize(("devices", "fail_on"), [(("hype",), {}), ((), {"hype": 0.5})])
def test_unknown_devices_are_named(devices, fail_on):
    with pytest.raises(InputError, match="no device 'hype'; this model finds loaded_language, "):
        Filter.of(LABELS, devices, 0.0, fail_on)


# --- runs ---------------------------------------------------------------------------------


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_file_is_scored(handmade, folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("out") / "a.jsonl"
    ticks = []
    outcome = score_paths(handmade, [str(folder)], Job("jsonl", output), lambda: ticks.append(1))
    assert (outcome.scored, outcome.failed, outcome.met) == (5, 0, False)
    assert len(ticks) == 5
    rows = lines_of(output)
    assert len(rows) == 5
    for number, row in enumerate(rows):
        assert len(row["spans"]) == 3 * number
        for span in row["spans"]:
            assert (TEXT * number)[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize(("together", "characters"), [(1, 1 << 20), (2, 1 << 20), (64, 10)])
def test_files_are_read_a_few_at_a_time(handmade, folder, tmp_path_factory, monkeypatch, together, characters):  # fmt: skip
    outputs = [tmp_path_factory.mktemp("out") / "a.jsonl" for _ in range(2)]
    score_paths(handmade, [str(folder)], Job("jsonl", outputs[0]))
    monkeypatch.setattr(lots, "FILES", together)
    monkeypatch.setattr(lots, "BYTES", characters)
    sizes = []
    many = handmade.predict_many
    monkeypatch.setattr(
        handmade, "predict_many", lambda texts: [sizes.append(len(texts)), *many(texts)][1:],
        raising=False,
    )  # fmt: skip
    outcome = score_paths(handmade, [str(folder)], Job("jsonl", outputs[1]))
    assert outcome.scored == sum(sizes) == 5
    assert max(sizes) <= max(together, 2)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_failures_are_noted_and_the_rest_scored(handmade, folder, tmp_path_factory):
    (folder / "2.txt").write_bytes(b"\xff")
    output = tmp_path_factory.mktemp("out") / "a.jsonl"
    outcome = score_paths(handmade, [str(folder), "nowhere"], Job("jsonl", output))
    assert (outcome.scored, outcome.failed) == (4, 2)
    assert outcome.failures[0].startswith(str(folder / "2.txt"))
    assert outcome.failures[1] == "nowhere: No such file or directory"
    assert len(lines_of(output)) == 4


def test_only_so_many_failures_are_kept(monkeypatch):
    monkeypatch.setattr(scoring, "_NAMED", 3)
    outcome = Outcome()
    for number in range(9):
        outcome.add(Scored("", (), (str(number),), met=False))
    assert outcome.failed == 9
    assert outcome.failures == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("chosen", "met"),
    [
        (Filter(fail_on={"loaded_language": 0.5}), True),
        (Filter(fail_on={"loaded_language": 0.9999}), False),
        (Filter(fail_on={"scare_quotes": 0.0}), False),
        (Filter(fail_on={"loaded_language": 0.5}, min_score=0.99), True),  # reported or not
        (Filter(frozenset({"editorializing"}), fail_on={"loaded_language": 0.5}), True),
    ],
)
def test_fail_on(handmade, folder, tmp_path_factory, chosen, met):
    output = tmp_path_factory.mktemp("out") / "a.jsonl"
    assert score_paths(handmade, [str(folder)], Job("jsonl", output, chosen)).met is met


def test_outputs_that_cannot_be_written_are_named(handmade, folder):
    output = folder / "none" / "a.jsonl"
    with pytest.raises(InputError) as caught:
        score_paths(handmade, [str(folder)], Job("jsonl", output))
    assert str(caught.value) == f"{output}: cannot write: No such file or directory"


def test_inputs_that_cannot_be_read_are_not_taken_for_the_output(handmade, tmp_path):
    output = tmp_path / "a.jsonl"
    outcome = score_paths(handmade, ["x" * 5000], Job("jsonl", output))
    assert outcome.failed == 1


def test_a_run_that_fails_leaves_no_file_behind(handmade, folder, tmp_path_factory, monkeypatch):
    output = tmp_path_factory.mktemp("out") / "a.jsonl"

    def fall_over(texts):
        raise RuntimeError("fell over")

    monkeypatch.setattr(handmade, "predict_many", fall_over, raising=False)
    with pytest.raises(RuntimeError, match="fell over"):
        score_paths(handmade, [str(folder)], Job("jsonl", output))
    assert list(output.parent.iterdir()) == []
