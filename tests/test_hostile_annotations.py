"""Annotation files that are meant to do harm: one line of error, or nothing lost."""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing import formats
from framing.annotations import from_dict, parse_line, read_file, write_annotations
from framing.cli import main
from framing.errors import AnnotationError
from framing.validation import validate_files

ROOT = Path(__file__).parents[1]
TEXT = "The reckless mayor fell."
GOOD = {"id": "a", "text": TEXT, "spans": [{"start": 4, "end": 12, "label": "loaded_language"}]}
STYLES = ("jsonl", "label-studio", "doccano")


def task(**value):
    region = {"start": 4, "end": 12, "labels": ["loaded_language"], "text": "reckless"} | value
    return {
        "id": 1,
        "data": {"text": TEXT},
        "annotations": [{"result": [{"type": "labels", "value": region}]}],
    }


def refused(read, *arguments, saying=""):
    with pytest.raises(AnnotationError) as caught:
        read(*arguments)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 1000
    assert saying in line
    return line


def written(folder, content):
    path = folder / "a.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- what is said of the text -------------------------------------------------------------


@pytest.mark.parametrize("chars", [23, 25, 0, -1, "24", 24.0, True, [24], 2**70])
def test_chars_are_compared_with_the_text(chars):
    refused(from_dict, GOOD | {"chars": chars}, "here", saying="here: text has 24 characters, not")


def test_chars_that_are_right_or_not_given():
    assert from_dict(GOOD | {"chars": 24}, "").chars == from_dict(GOOD, "").chars == 24
    assert from_dict(GOOD | {"chars": None}, "").chars == 24


def test_validation_still_names_wrong_chars_and_checks_the_rest(tmp_path):
    from framing.annotations import find_schema

    path = written(tmp_path, json.dumps(GOOD | {"chars": 9, "meta": {}}))
    problems, number = validate_files([path], None, find_schema([]))
    assert number == 1
    assert "chars" in {problem.kind for problem in problems}
    assert "meta" in {problem.kind for problem in problems}


@pytest.mark.parametrize("chars", [2**31, 10**400, -(2**40)])
def test_texts_that_claim_to_be_huge(chars):
    data = {"sha256": "0" * 64, "chars": chars, "spans": []}
    refused(from_dict, data, "here", saying="chars is more than any text has")


# --- json ---------------------------------------------------------------------------------

RECORD = json.dumps(GOOD)
BROKEN = {
    "a key twice": (RECORD[:-1] + ', "spans": []}', "the key 'spans' stands twice"),
    "a key twice inside": (
        RECORD.replace('"end": 12', '"end": 12, "end": 9'),
        "'end' stands twice",
    ),
    "NaN": (RECORD[:-1] + ', "meta": {"topic": NaN}}', "NaN is no number"),
    "Infinity": (RECORD[:-1] + ', "meta": {"topic": -Infinity}}', "-Infinity is no number"),
    "too large a float": (RECORD[:-1] + ', "meta": {"topic": 1e999}}', "1e999 is no number"),
    "5000 digits": (RECORD.replace("12", "1" * 5000), "no JSON"),
    "nested lists": ("[" * 200_000, "no JSON"),
    "nested objects": ('{"text":' * 100_000 + "1" + "}" * 100_000, "no JSON"),
    "two records in a line": (RECORD + RECORD, "no JSON"),
    "cut off": (RECORD[:-9], "no JSON"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("style", STYLES)
def test_broken_json(style, name, tmp_path):
    content, saying = BROKEN[name]
    refused(formats.read, written(tmp_path, content), style, saying=saying)
    if style == "jsonl":
        refused(parse_line, content, "here", saying=saying)
        refused(list, read_file(written(tmp_path, content)), saying=saying)


@pytest.mark.parametrize("depth", [10, 100, 300, 900, 950, 990])
@pytest.mark.parametrize("key", ["id", "meta", "spans", "text", "sha256", "label", "annotator"])
def test_deep_nesting_in_any_field(key, depth, tmp_path):
    deep: object = "x"
    for _ in range(depth):
        deep = [deep]
    data = json.loads(RECORD)
    if key in ("label", "annotator"):
        data["spans"][0][key] = deep
    else:
        data[key] = {"topic": deep} if key == "meta" else deep
    try:
        line = json.dumps(data)
    except RecursionError:
        pytest.skip("cannot be written either")
    path = written(tmp_path, line)

    def there_and_back():
        write_annotations(tmp_path / "again.jsonl", formats.read(path, "jsonl"))

    if key == "meta" and depth < 900:
        there_and_back()
    elif key != "meta":
        refused(there_and_back)
    else:
        with suppress(AnnotationError):
            there_and_back()


@pytest.mark.parametrize(
    ("key", "value"),
    [("id", {}), ("id", ["a"]), ("id", {"a": 1}), ("spans", {}), ("spans", "x"), ("meta", []),
     ("meta", "news"), ("text", 3), ("text", ["a"]), ("sha256", 5)],
)  # fmt: skip
def test_wrong_types(key, value):
    made = GOOD | {key: value}
    if not value and key != "id":
        from_dict(made, "here")  # nothing there
    else:
        refused(from_dict, made, "here", saying="here: ")


def test_zero_is_an_id():
    assert from_dict(GOOD | {"id": 0}, "").id == "0"
    assert from_dict(GOOD | {"id": ""}, "").id == from_dict(GOOD | {"id": None}, "").id != "None"


@pytest.mark.parametrize("label", ["two\nlines", "\u2028", "\x1b[31mred", "x" * 10_000])
def test_labels_stay_in_one_line_of_an_error(label):
    data = GOOD | {"spans": [{"start": 4, "end": 99, "label": label}]}
    assert refused(from_dict, data, "here").isprintable()


# --- numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [10**18, 10**400, 2**63])
def test_offsets_far_outside(end, tmp_path):
    for style, record in (
        ("jsonl", GOOD | {"spans": [{"start": 4, "end": end, "label": "x", "text": "reckless"}]}),
        ("label-studio", task(end=end)),
        ("doccano", {"text": TEXT, "label": [[4, end, "x"]]}),
    ):
        refused(
            formats.read, written(tmp_path, json.dumps(record)), style, saying="outside the text"
        )


@pytest.mark.parametrize("digits", [19, 5000])
def test_tables_with_too_many_digits(digits, tmp_path):
    number = "1" * digits
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "a.ann").write_text(f"T1\tloaded 4 {number}\treckless\n")
    refused(formats.read, tmp_path, "brat", saying="a.ann:1")
    (tmp_path / "article1.txt").write_text(TEXT)
    (tmp_path / "article1.labels").write_text(f"1\tloaded\t4\t{number}\n")
    refused(formats.read, tmp_path, "ptc", saying="article1.labels:1")


# --- found by the fuzzers -----------------------------------------------------------------


@pytest.mark.parametrize("result", [5, "x", {"a": 1}, True])
def test_results_that_are_no_list(result, tmp_path):
    record = {"data": {"text": TEXT}, "annotations": [{"result": result}]}
    path = written(tmp_path, json.dumps(record))
    refused(formats.read, path, "label-studio", saying="result is no list of regions")


def test_halves_of_a_surrogate_pair_side_by_side_are_not_merged(tmp_path):
    """Read again they would be one character, and every offset after them wrong by one."""
    document = from_dict({"id": "a", "text": "\ud83d\ude00 fell", "spans": []}, "")
    refused(write_annotations, tmp_path / "a.jsonl", [document], saying="surrogate pair")
    lone = from_dict({"id": "a", "text": "\ude00\ud83d fell", "spans": []}, "")
    write_annotations(tmp_path / "b.jsonl", [lone])
    assert [each.text for each in read_file(tmp_path / "b.jsonl")] == ["\ude00\ud83d fell"]


# --- size ---------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("fits", [True, False])
def test_lines_of_ten_megabytes(style, fits, tmp_path):
    """Also where the words quoted fit no way of counting, and all of them are tried."""
    text = TEXT + "\r\n😀\n" + "x y\n" * 2_500_000
    quote = "reckless" if fits else "wrong"
    record = {
        "jsonl": {"text": text, "spans": [{"start": 4, "end": 12, "label": "x", "text": quote}]},
        "label-studio": task(text=quote) | {"data": {"text": text}},
        "doccano": {"text": text, "label": [[4, 12 if fits else 10**9, "x"]]},
    }[style]
    path = written(tmp_path, json.dumps(record))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    if fits:
        (document,) = formats.read(path, style)
        assert [(mark.start, mark.end) for mark in document.marks] == [(4, 12)]
    else:
        refused(formats.read, path, style)
    assert time.process_time() - start < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB


def test_a_key_of_ten_megabytes(tmp_path):
    content = json.dumps(GOOD | {"x" * 10_000_000: 1})
    assert len(formats.read(written(tmp_path, content), "jsonl")) == 1


# --- the commands -------------------------------------------------------------------------

ODD_META = GOOD | {
    "id": "\ud800\x1b[31m",
    "meta": {"outlet": "\udc00", "genre": "news", "license": "\n", "group": {"a": [1]}, "topic": 5},
}


@pytest.mark.parametrize(
    "arguments", [["stats"], ["stats", "--json"], ["validate"], ["suspicious"]], ids=" ".join
)
def test_commands_print_what_no_terminal_can_hold(arguments, tmp_path):
    path = written(tmp_path, json.dumps(ODD_META))
    done = CliRunner().invoke(main, ["annotations", *arguments, str(path)])
    assert done.exit_code in (0, 2), done.exception
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "\x1b" not in done.output


@pytest.mark.parametrize("style", formats.FORMATS)
def test_export_of_odd_ids(style, tmp_path):
    path = written(tmp_path, json.dumps(ODD_META))
    out = tmp_path / "out"
    done = CliRunner().invoke(
        main, ["annotations", "export", str(path), "--format", style, "-o", str(out)]
    )
    assert done.exit_code in (0, 2), done.exception
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert sorted(each.name for each in tmp_path.iterdir()) in (["a.jsonl"], ["a.jsonl", "out"])


def test_the_recursion_limit_is_what_it_was():
    assert sys.getrecursionlimit() <= 3000
