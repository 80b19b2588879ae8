from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from framing.baseline import VERSION, read_baseline
from framing.errors import InputError
from framing.output import jsonl
from framing.prediction import Span

GOLDEN = Path(__file__).parent / "data" / "output"


def span(label, text, start=0):
    return Span(start, start + len(text), label, 0.5, text)


def line(path, *spans, version=1):
    found = [{"label": label, "text": text} for label, text in spans]
    return json.dumps({"version": version, "path": path, "spans": found}) + "\n"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a baseline and read it, standing in the folder."""
    monkeypatch.chdir(tmp_path)

    def write(content):
        Path("known.jsonl").write_text(content, encoding="utf-8")
        return read_baseline(Path("known.jsonl"))

    return write


def test_the_version_is_that_of_the_output():
    assert VERSION == jsonl.VERSION


def test_a_finding_is_known_by_its_device_and_words(written):
    known = written(line("a.txt", ("hype", "so good"), ("speculation", "may")))
    spans = [
        span("hype", "so good"),
        span("hype", "so\n  good", 90),
        span("speculation", "may", 900),
        span("speculation", "so good"),
        span("hype", "So good"),
    ]
    assert known.new("a.txt", spans) == [False, True, False, True, True]
    assert known.new("a.txt", spans[1:2]) == [False]  # moved and wrapped
    assert known.new("b.txt", spans[:1]) == [True]


def test_of_the_same_words_the_first_are_known(written):
    known = written(line("a.txt", ("hype", "x"), ("hype", "x")))
    assert known.new("a.txt", [span("hype", "x")] * 3) == [False, False, True]


@pytest.mark.parametrize("path", ["a.txt", "./a.txt", "b/../a.txt", "{cwd}/a.txt", "b//../a.txt"])
@pytest.mark.parametrize("named", ["a.txt", "./a.txt", "{cwd}/a.txt"])
def test_paths_are_compared_from_the_current_folder(written, tmp_path, path, named):
    known = written(line(path.format(cwd=tmp_path), ("hype", "x")))
    assert known.new(named.format(cwd=tmp_path), [span("hype", "x")]) == [False]


@pytest.mark.parametrize("path", ["../a.txt", "<stdin>", "/elsewhere/é\udcff.txt"])
def test_other_paths(written, path):
    known = written(line(path, ("hype", "x")))
    assert known.new(path, [span("hype", "x")]) == [False]


def test_lines_may_be_many_empty_or_none(written):
    assert written("").known == frozenset()
    known = written(line("a", ("x", "y")) + "\n \r\n" + line("b", ("x", "y\u2028z")))
    assert known.new("a", [span("x", "y")]) + known.new("b", [span("x", "y\u2028z")]) == [False] * 2


def test_the_golden_output_is_a_baseline():
    known = read_baseline(GOLDEN / "jsonl.jsonl").known
    rows = (GOLDEN / "jsonl.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(known) == sum(len(json.loads(row)["spans"]) for row in rows) > 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[\n]", "1: not JSON; a baseline is the output of framing score --format jsonl"),
        ('{"version": 1, "path": "a", "spans": []}\n{"id"\n', "2: not JSON; a baseline is"),
        ("[" * 100_000, "1: not JSON; a baseline is"),
        ("[]", "1: not a line of framing score --format jsonl"),
        ('\n{"$schema": "x", "runs": []}', "2: not a line of framing score --format jsonl"),
        (line("a", version=2), "1: version 2, not 1; write it again"),
        ('{"version": 1, "path": 3, "spans": []}', "1: path or spans are not as framing score"),
        ('{"version": 1, "path": "a", "spans": {}}', "1: path or spans are not as framing score"),
        ('{"version": 1, "path": "a", "spans": [{"label": "x"}]}', "1: path or spans are not"),
        ('{"version": 1, "path": "a", "spans": [[]]}', "1: path or spans are not"),
    ],
)
def test_what_is_no_baseline_is_named(written, content, message):
    with pytest.raises(InputError) as caught:
        written(content)
    assert str(caught.value).startswith(f"known.jsonl:{message}")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "a").write_bytes(b'{"version": "\xff"}')
    with pytest.raises(InputError, match="a:1: not JSON"):
        read_baseline(tmp_path / "a")


@pytest.mark.parametrize(("name", "reason"), [("none", "No such file"), ("", "Is a directory")])
def test_files_that_cannot_be_read(tmp_path, name, reason):
    with pytest.raises(InputError, match=reason):
        read_baseline(tmp_path / name)
    assert os.listdir(tmp_path) == []  # noqa: PTH208
