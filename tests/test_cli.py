from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner
from conftest import ARTICLES, ROOT

from framing import __version__
from framing.annotations import Mark, from_dict, read_file, write_annotations
from framing.cli import FORMATS, main
from framing.errors import AnnotationError
from framing.storage import load_model

TEXT = "The reckless council met.\nThe vote lays bare the thugs.\nRead more: subscribe\n"
LINES = [
    '1:5: loaded_language (0.98) "reckless"',
    '2:10: editorializing (0.98) "lays bare"',
    '2:24: loaded_language (0.98) "thugs"',
    '3:1: promotional_link (0.98) "Read more: subscribe"',
]


@pytest.fixture
def run(handmade_path):
    """`framing ...` in this process, with the handmade model where one may be named."""

    def invoke(*arguments, stdin=None):
        words = [str(each) for each in arguments]
        if words[0] in ("score", "explain", "labels"):
            words += ["--model", str(handmade_path)] if "--model" not in words else []
        found = CliRunner().invoke(main, words, input=stdin, catch_exceptions=False)
        assert "Traceback" not in found.output
        return found

    return invoke


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(TEXT)
    return path


def without_scores(output):
    return re.sub(r"\(0\.\d\d\)", "(0.98)", output).splitlines()


# --- help ---------------------------------------------------------------------------------


def commands(group=main, path=()):
    yield path
    for name, each in getattr(group, "commands", {}).items():
        yield from commands(each, (*path, name))


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_has_help(path):
    for flag in ("-h", "--help"):
        found = CliRunner().invoke(main, [*path, flag])
        assert found.exit_code == 0
        assert found.output.startswith("Usage:")
        assert len(found.output.splitlines()) > 3
    group = main
    for name in path:
        group = group.commands[name]
    assert group.help
    for option in group.params:
        assert isinstance(option, click.Argument) or option.help, option.name


def test_version():
    found = CliRunner().invoke(main, ["--version"])
    assert found.output == f"framing, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"], ["score"], ["score", "a", "--format", "xml"], ["score", "a", "--nonsense"],
        ["score", "a", "--min-score", "1.5"], ["score", "a", "--min-score", "x"],
        ["score", "a", "--fail-on", "loaded_language=much"], ["score", "a", "--jobs", "-1"],
        ["score", "a", "--jobs", "x"], ["train", "a"], ["evaluate", "linear"],
        ["annotations", "nonsense"], ["explain"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage(arguments):
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 2
    assert "Usage:" in found.output
    assert found.stdout == ""


# --- score --------------------------------------------------------------------------------


def test_a_file(run, article):
    found = run("score", article)
    assert found.exit_code == 0
    assert found.stderr == ""
    assert without_scores(found.stdout) == [f"{article}:{line}" for line in LINES]


def test_a_folder(run, article, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.md").write_text("thugs")
    (tmp_path / "deep" / "c.pdf").write_bytes(b"%PDF\0")
    found = run("score", tmp_path)
    assert found.exit_code == 0
    places = [line.split(": ")[0] for line in found.stdout.splitlines()]
    assert places == [
        *(f"{article}:{line.split(': ')[0]}" for line in LINES), f"{tmp_path / 'deep' / 'b.md'}:1:1",
    ]  # fmt: skip


def test_standard_input(run):
    found = run("score", "-", stdin=TEXT)
    assert found.exit_code == 0
    assert without_scores(found.stdout) == [f"<stdin>:{line}" for line in LINES]


@pytest.mark.parametrize("content", ["", "\n", " \n\t", "\ufeff", "Nothing to find here.\n"])
def test_nothing_to_find(run, tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_text(content, encoding="utf-8")
    found = run("score", path)
    assert (found.exit_code, found.stdout, found.stderr) == (0, "", "")


def test_an_empty_folder(run, tmp_path):
    found = run("score", tmp_path)
    assert (found.exit_code, found.stdout) == (0, "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9", "not UTF-8 (byte 3, line 1)"),
        (b"\x89PNG\0", "a binary file, not text"),
        (b"\xff\xfea\0", "UTF-16"),
        (None, "No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_scored(run, article, content, message):
    path = article.with_name("bad.txt")
    if content is not None:
        path.write_bytes(content)
    found = run("score", path, article)
    assert found.exit_code == 2
    assert len(found.stdout.splitlines()) == len(LINES)
    first, last = found.stderr.splitlines()
    assert first.startswith(f"framing: {path}: {message}")
    assert last == "framing: 1 input could not be read"


def test_a_name_with_a_line_break_is_named_in_one_line(run, tmp_path):
    path = tmp_path / "a\nb.txt"
    path.write_bytes(b"\xff")
    found = run("score", path)
    assert found.exit_code == 2
    assert found.stderr.splitlines()[0].startswith(f"framing: {tmp_path}/a\\nb.txt: not UTF-8")


def test_resuming_wants_a_file_and_names(run, article):
    found = run("score", article, "--resume")
    assert found.exit_code == 2
    assert found.stderr == "Error: --resume goes on with a file: name it with --output\n"
    found = run("score", "-", "--resume", "-o", article.with_name("out.csv"), stdin="")
    assert found.exit_code == 2
    assert found.stderr == "Error: standard input cannot be resumed: it has no name to know it by\n"
    assert list(article.parent.iterdir()) == [article]


def test_with_nothing_to_go_on_with_a_run_starts_anew(run, article):
    output = article.with_name("out.csv")
    for _ in range(2):
        assert run("score", article, "--resume", "-o", output).exit_code == 0
        assert len(output.read_text().splitlines()) == 1 + len(LINES)


def test_several_that_cannot_be_read(run):
    found = run("score", "none.txt", "nor.txt")
    assert found.exit_code == 2
    assert found.stderr.splitlines()[-1] == "framing: 2 inputs could not be read"


def test_what_cannot_be_read_outweighs_what_was_found(run, article):
    found = run("score", article, "none.txt", "--fail-on", "loaded_language")
    assert found.exit_code == 2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--fail-on", "loaded_language"), 1),
        (("--fail-on", "loaded_language=0.5"), 1),
        (("--fail-on", "loaded_language=0.999"), 0),
        (("--fail-on", "scare_quotes"), 0),
        (("--fail-on", "scare_quotes", "--fail-on", "editorializing=0.9"), 1),
        (("--fail-on", "loaded_language", "--min-score", "0.999"), 1),
        (("--fail-on", "loaded_language", "--device", "editorializing"), 1),
    ],
)
def test_fail_on(run, article, options, code):
    assert run("score", article, *options).exit_code == code


@pytest.mark.parametrize("least", ["nan", "7", "-1", "inf", "1.0001"])
def test_fail_on_takes_a_score(run, article, least):
    found = run("score", article, "--fail-on", f"loaded_language={least}")
    assert found.exit_code == 2
    assert "Usage:" in found.stderr


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (("--device", "loaded_language"), [0, 2]),
        (("--device", "loaded_language", "--device", "promotional_link"), [0, 2, 3]),
        (("--device", "scare_quotes"), []),
        (("--min-score", "0.9"), [0, 1, 2, 3]),
        (("--min-score", "1"), []),
    ],
)
def test_devices_and_scores(run, article, options, lines):
    found = run("score", article, *options)
    assert found.exit_code == 0
    assert without_scores(found.stdout) == [f"{article}:{LINES[number]}" for number in lines]


@pytest.mark.parametrize("option", ["--device", "--fail-on"])
def test_unknown_devices(run, article, option):
    found = run("score", article, option, "hype")
    assert found.exit_code == 2
    assert found.stdout == ""
    names = ", ".join(["editorializing", "loaded_language", "scare_quotes", "promotional_link"])
    assert found.stderr == f"Error: no device 'hype'; this model finds {names}\n"


def test_quotations(run):
    text = 'Jo Lund, the mayor, said: "They are reckless thugs who run a truly disgraceful town."\n'
    assert run("score", "-", stdin=text).stdout == ""
    found = run("score", "-", "--include-quoted", stdin=text)
    assert len(found.stdout.splitlines()) == 2
    found = run("score", "-", "--include-quoted", "--format", "jsonl", stdin=text)
    assert all(span["quoted"] for span in json.loads(found.stdout)["spans"])


@pytest.mark.parametrize("style", FORMATS)
def test_formats_go_into_files(run, article, style):
    output = article.with_name(f"out.{style}")
    found = run("score", article, "--format", style, "--output", output)
    assert (found.exit_code, found.stdout) == (0, "")
    assert b"loaded_language" in output.read_bytes()
    assert not list(article.parent.glob("*.part"))


@pytest.mark.parametrize("style", ["jsonl", "csv", "parquet", "html", "sarif"])
def test_the_ending_says_the_format(run, article, style):
    named, guessed = article.with_name("a.out"), article.with_name(f"b.{style}")
    run("score", article, "--format", style, "--output", named)
    run("score", article, "--output", guessed)
    assert named.read_bytes()[:20] == guessed.read_bytes()[:20]


def test_json_lines(run, article):
    row = json.loads(run("score", article, "--format", "jsonl").stdout)
    assert [span["text"] for span in row["spans"]] == ["reckless", "lays bare", "thugs", "Read more: subscribe"]  # fmt: skip
    assert all(TEXT[span["start"] : span["end"]] == span["text"] for span in row["spans"])


def test_parquet_cannot_go_to_standard_output(run, article):
    found = run("score", article, "--format", "parquet")
    assert found.exit_code == 2
    assert "name a file with --output" in found.stderr


def test_outputs_that_cannot_be_written(run, article):
    found = run("score", article, "--output", article.parent / "none" / "a.jsonl")
    assert found.exit_code == 2
    assert "cannot write" in found.stderr
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["score", "explain"])
def test_no_such_model(run, article, command):
    found = run(command, article, "--model", "nonsense")
    assert found.exit_code == 2
    assert found.stderr.startswith("Error: nonsense: no such model; use linear or boosted")
    assert len(found.stderr.splitlines()) == 1


def test_a_broken_model(run, article):
    found = run("score", article, "--model", article)
    assert found.exit_code == 2
    assert found.stderr == f"Error: {article}: not a model file: File is not a zip file\n"


# --- explain, labels, doctor --------------------------------------------------------------


def test_explain(run, article):
    found = run("explain", article)
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert re.fullmatch(rf"{re.escape(str(article))}:4-12: loaded_language \(0\.98\)", lines[0])
    assert lines[1] == "  reckless"
    assert lines[2] == "    words: reckless +8.00"
    assert "place and bias -4.00" in lines[3]
    assert len(lines) == 4 * len(LINES)


def test_explain_standard_input(run):
    found = run("explain", "-", stdin="The thugs left.")
    assert found.stdout.startswith("<stdin>:4-9: loaded_language")
    assert run("explain", "-", stdin="").stdout == ""


def test_explain_what_cannot_be_read(run):
    found = run("explain", "none.txt")
    assert found.exit_code == 2
    assert found.stderr == "Error: none.txt: No such file or directory\n"


def test_labels(run, schema):
    found = run("labels")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[::2] == list(schema.names)
    assert schema.labels[0].definition in found.stdout
    assert "(unit: insert)" in found.stdout


def test_labels_of_the_shipped_model():
    found = CliRunner().invoke(main, ["labels"])
    assert found.exit_code == 0
    assert len(found.stdout.splitlines()) == 20


def test_doctor():
    found = CliRunner().invoke(main, ["doctor"])
    assert found.exit_code == 0
    assert "numpy" in found.stdout
    assert found.stdout.count(": ok, sha256 ") == 2


def test_doctor_finds_what_is_wrong(monkeypatch):
    monkeypatch.setattr("framing.doctor.PACKAGES", ("numpy", "no-such-package"))
    monkeypatch.setattr("framing.doctor.SHIPPED", ("linear",))
    found = CliRunner().invoke(main, ["doctor", "--json"])
    assert found.exit_code == 2
    report = json.loads(found.stdout)
    assert report["packages"]["no-such-package"] == "missing"
    assert report["healthy"] is False


# --- train, evaluate ----------------------------------------------------------------------


def marked(number, split="train"):
    word = ("crimson", "teal", "amber")[number % 3]
    text = f"The {word} door of house {number} fell. It was late. A {word} cat sat. We left."
    spans = [
        {"start": at, "end": at + len(word), "label": "colour"}
        for at in range(len(text)) if text.startswith(word, at)
    ]  # fmt: skip
    meta = {"group": f"g{number}", "split": split}
    return from_dict({"id": f"d{number}", "text": text, "spans": spans, "meta": meta}, "")


@pytest.fixture
def annotated(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    documents = [marked(number, "test" if number > 20 else "train") for number in range(24)]
    write_annotations(folder / "a.jsonl", documents)
    (folder / "schema.toml").write_text('[colour]\ndefinition = "d"\nunit = "phrase"\n')
    return folder


def said(number):
    """The marked text in somebody's mouth."""
    plain = marked(number)
    lead = "Jo Ruiz, its owner, said: "
    spans = [
        {"start": m.start + len(lead) + 1, "end": m.end + len(lead) + 1, "label": m.label}
        for m in plain.marks
    ]
    return from_dict({"id": f"s{number}", "text": f'{lead}"{plain.text}"', "spans": spans}, "")


@pytest.mark.parametrize(("speech", "quoted", "warned"), [
    ("", 3, True), ("", 0, False), ("speech = true\n", 3, False),
])  # fmt: skip
def test_training_warns_of_spans_in_quotations(annotated, monkeypatch, speech, quoted, warned):
    def stop(*_arguments, **_options):
        raise AnnotationError("stopped")

    monkeypatch.setattr("framing.api.train", stop)
    write_annotations(annotated / "b.jsonl", map(said, range(quoted)))
    (annotated / "schema.toml").write_text(f'[colour]\ndefinition = "d"\nunit = "phrase"\n{speech}')
    found = CliRunner().invoke(main, ["train", str(annotated), "-o", "own.skops"])
    lines = found.stderr.splitlines()
    assert "stopped" in lines[-1]
    assert (lines[0].startswith("framing: 11% of the spans stand in quotations")) == warned
    assert len(lines) == 1 + warned


def test_train_and_evaluate(annotated, tmp_path):
    output = tmp_path / "deep" / "own.skops"
    arguments = ["train", str(annotated), "--output", str(output), "--model", "linear"]
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.output
    assert found.stdout == f"{output}: linear model of 21 documents and 42 spans\n"
    steps = found.stderr.splitlines()
    assert steps[0].startswith("[1/")
    assert steps[-1].startswith(f"[{len(steps)}/{len(steps)}]")
    found = CliRunner().invoke(main, ["evaluate", str(output), str(annotated)])
    assert found.exit_code == 0
    assert found.stdout.splitlines()[0] == "24 documents"
    assert found.stdout.splitlines()[-2].split()[:2] == ["colour", "48"]
    found = CliRunner().invoke(
        main, ["evaluate", str(output), str(annotated), "--split", "test", "--json"]
    )
    rows = json.loads(found.stdout)
    assert [row["label"] for row in rows] == ["colour", "all"]
    assert rows[0]["n"] == 6
    found = CliRunner().invoke(
        main, ["score", "-", "--model", str(output)], input="A teal cat sat. We left."
    )
    assert found.stdout.startswith("<stdin>:1:3: colour (")


def test_train_from_a_start(annotated, tmp_path, handmade_path):
    output = tmp_path / "own.skops"
    arguments = ["train", str(annotated), "-o", str(output), "--model", "linear", "--start"]
    found = CliRunner().invoke(main, [*arguments, str(handmade_path)])
    assert found.exit_code == 0, found.output
    assert load_model(output).linear.start is not None
    for start, message in (
        (str(output), "the start was trained from a start itself; take that one"),
        ("nothing", "nothing: no such model; use linear or boosted, or the path of a .skops file"),
    ):
        found = CliRunner().invoke(main, [*arguments, start])
        assert found.exit_code == 2
        assert found.stderr.splitlines()[-1] == f"Error: {message}"


def test_train_names_what_it_left_out(annotated, tmp_path):
    documents = list(read_file(annotated / "a.jsonl"))
    write_annotations(annotated / "b.jsonl", documents[:8], text=False)
    (annotated / "a.jsonl").unlink()
    output = tmp_path / "own.skops"
    found = CliRunner().invoke(main, ["train", str(annotated), "-o", str(output)])
    assert found.exit_code == 2
    first, last = found.stderr.splitlines()
    assert first == (
        "framing: 8 documents left out, their texts were not found (--texts): "
        "d0, d1, d2, d3, d4, d5, d6, d7"
    )
    assert last.startswith("Error: training needs documents of at least two groups with text")
    assert not output.exists()


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_broken_annotations_are_named(command, tmp_path, handmade_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "ab", "spans": []}\n{"text": 3}\n')
    rest = {"train": [path, "-o", tmp_path / "x.skops"], "evaluate": [handmade_path, path]}[command]
    found = CliRunner().invoke(main, [command, *map(str, rest)])
    assert found.exit_code == 2
    assert found.stderr == f"Error: {path}:2: text is no string\n"


def test_nothing_to_evaluate_on(annotated, handmade_path):
    found = CliRunner().invoke(
        main, ["evaluate", str(handmade_path), str(annotated), "--split", "nonsense"]
    )
    assert found.exit_code == 2
    assert found.stderr == "Error: no document to evaluate on\n"


def test_evaluate_by_hand(handmade_path, tmp_path):
    """One of two marks is found, and one span besides."""
    text = "The reckless council met. The thugs left early."
    marks = [Mark(4, 12, "loaded_language"), Mark(41, 46, "loaded_language")]
    spans = [{"start": m.start, "end": m.end, "label": m.label} for m in marks]
    path = tmp_path / "a.jsonl"
    write_annotations(path, [from_dict({"text": text, "spans": spans}, "")])
    found = CliRunner().invoke(main, ["evaluate", str(handmade_path), str(path), "--json"])
    row = next(row for row in json.loads(found.stdout) if row["label"] == "loaded_language")
    assert row["exact"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


# --- annotations --------------------------------------------------------------------------


def test_validate_names_file_and_line(tmp_path):
    path = tmp_path / "a.jsonl"
    good = {
        "text": "ab",
        "spans": [],
        "meta": {"genre": "news", "license": "CC0-1.0", "group": "g"},
    }
    bad = {**good, "id": "x", "spans": [{"start": 0, "end": 9, "label": "loaded_language"}]}
    path.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")
    found = CliRunner().invoke(main, ["annotations", "validate", str(path)])
    assert found.exit_code == 2
    assert f"{path}:2" in found.output


@pytest.mark.parametrize("line", ["{", "[]", '{"text": 3}'])
def test_validate_names_lines_that_are_no_documents(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text("\n" + line + "\n")
    found = CliRunner().invoke(main, ["annotations", "validate", str(path)])
    assert found.exit_code == 2
    assert f"{path}:2: " in found.output


def test_validate_the_projects_own():
    found = CliRunner().invoke(main, ["annotations", "validate", str(ARTICLES)])
    assert found.exit_code == 0
    assert ", 0 errors, " in found.output.splitlines()[-1]


def test_stats():
    found = CliRunner().invoke(main, ["annotations", "stats", str(ARTICLES), "--json"])
    assert found.exit_code == 0
    assert json.loads(found.stdout)
    found = CliRunner().invoke(main, ["annotations", "stats", str(ARTICLES)])
    assert "loaded_language" in found.stdout


def test_agreement_with_oneself(annotated):
    path = str(annotated / "a.jsonl")
    found = CliRunner().invoke(main, ["annotations", "agreement", path, path])
    assert found.exit_code == 0
    assert "colour" in found.stdout
    assert "1.00" in found.stdout


def test_export_and_import(annotated, tmp_path):
    out, back = tmp_path / "doccano.jsonl", tmp_path / "back.jsonl"
    run = CliRunner().invoke
    found = run(
        main, ["annotations", "export", str(annotated), "--format", "doccano", "-o", str(out)]
    )
    assert (found.exit_code, found.stdout) == (0, f"{out}: 24 documents\n")
    found = run(main, ["annotations", "import", str(out), "--format", "doccano", "-o", str(back)])
    assert (found.exit_code, found.stdout) == (0, f"{back}: 24 documents\n")
    before, after = read_file(annotated / "a.jsonl"), read_file(back)
    assert [each.marks for each in before] == [each.marks for each in after]


def test_suspicious(annotated):
    found = CliRunner().invoke(main, ["annotations", "suspicious", str(annotated), "--most", "4"])
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert 0 < len(lines) <= 4
    assert all(len(line.split("\t")) == 5 for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ["annotations", "validate"], ["annotations", "stats"],
        ["annotations", "suspicious"], ["train", "-o", "x.skops"], ["evaluate", "linear"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_annotations_that_are_not_there(arguments, tmp_path):
    found = CliRunner().invoke(main, [*arguments, str(tmp_path / "none")])
    assert found.exit_code == 2
    assert "no such file or folder" in found.output


@pytest.mark.parametrize("command", ["export", "import", "stats"])
def test_outputs_of_annotations_that_cannot_be_written(command, annotated):
    source, output = str(annotated / "a.jsonl"), str(annotated / "a.jsonl" / "out")
    more = {"export": ["--format", "jsonl", "-o"], "import": ["-o"], "stats": ["--svg"]}[command]
    found = CliRunner().invoke(
        main, ["annotations", command, source, *more, output], catch_exceptions=False
    )
    assert found.exit_code == 2


def test_models_that_cannot_be_written(annotated):
    output = str(annotated / "a.jsonl" / "x.skops")
    found = CliRunner().invoke(
        main, ["train", str(annotated), "-o", output, "--model", "linear"], catch_exceptions=False
    )
    assert found.exit_code == 2


# --- in a process of its own --------------------------------------------------------------


def test_the_command_itself(command, article, handmade_path):
    found = command("score", article, "--model", handmade_path)
    assert found.returncode == 0
    assert found.stderr == b""
    assert without_scores(found.stdout.decode()) == [f"{article}:{line}" for line in LINES]
    found = command("score", "none.txt", "--model", handmade_path)
    assert found.returncode == 2
    assert found.stderr.splitlines()[0] == b"framing: none.txt: No such file or directory"
    found = command("score", article, "--model", handmade_path, "--fail-on", "editorializing")
    assert found.returncode == 1


def test_standard_input_is_read_as_utf_8(command, handmade_path):
    text = "Caf\u00e9 \U0001f600 thugs\n"
    found = command("score", "-", "--model", handmade_path, input=text.encode())
    assert found.stdout.startswith(b"<stdin>:1:8: loaded_language")
    found = command("score", "-", "--model", handmade_path, input=b"caf\xe9")
    assert found.returncode == 2
    assert found.stderr.startswith(b"framing: <stdin>: not UTF-8 (byte 3, line 1)")


def test_standard_input_that_is_closed(handmade_path):
    shell = f"{sys.executable} -m framing score - --model {handmade_path} <&-"
    found = subprocess.run(
        ["bash", "-c", shell], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


def test_a_reader_that_has_enough_is_no_error(article, handmade_path):
    """`| head`: no word on standard error, and no failure of the pipe."""
    for number in range(400):
        (article.parent / f"{number}.txt").write_text(TEXT * 20)
    shell = (
        f"set -o pipefail; {sys.executable} -m framing score {article.parent} "
        f"--model {handmade_path} | head -n 1"
    )
    found = subprocess.run(
        ["bash", "-c", shell], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert found.stderr == ""
    assert found.returncode == 0
    assert len(found.stdout.splitlines()) == 1


# The peak of the process itself: what `wait4` says of a child counts its parent in.
PEAK = """
import atexit, pathlib, sys
from framing.cli import main
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: print(next(l for l in status.read_text().splitlines() if "VmHWM" in l)))
main(sys.argv[1:])
"""


def test_twenty_megabytes_on_one_line(tmp_path):
    path = tmp_path / "big.txt"
    texts = [each.read_text() for each in sorted((ROOT / "docs" / "examples").glob("*.txt"))]
    words = " ".join(" ".join(texts).split())
    path.write_text((words + " ") * (20_000_000 // len(words)))
    assert path.stat().st_size > 19_000_000
    output = tmp_path / "big.jsonl"
    began = time.monotonic()
    words = ["score", str(path), "--model", "linear", "--output", str(output)]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *words], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert time.monotonic() - began < 240
    assert int(done.stdout.split()[1]) < 400 << 10  # kilobytes
    row = json.loads(output.read_text())
    assert row["spans"]
    text = path.read_text()
    for span in row["spans"][:: max(len(row["spans"]) // 99, 1)]:
        assert text[span["start"] : span["end"]] == span["text"]


def test_nothing_is_left_open(command, article, handmade_path):
    """Warnings are errors here, those of files that were not closed among them."""
    for name in ("score", "explain"):
        found = command(name, article, "--model", handmade_path)
        assert (found.returncode, found.stderr) == (0, b"")
    assert os.environ.get("PYTHONWARNINGS") is None
