"""What `framing score` says of files of Markdown and HTML, and with a baseline."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import of_speech

from framing.baseline import Baseline
from framing.cli import main
from framing.inputs import Source, read_source
from framing.output.jsonl import text_sha256
from framing.output.sarif import fingerprints
from framing.predictor import Framing
from framing.reporting import Reporter
from framing.storage import save_model


@pytest.fixture
def score(handmade_path, tmp_path, monkeypatch):
    """Run `framing score` in a folder with files: `score({"a.md": text}, "a.md", ...)`."""
    monkeypatch.chdir(tmp_path)

    def run(files, *arguments):
        for name, text in files.items():
            Path(name).write_bytes(text.encode())
        options = ["--model", str(handmade_path), *arguments]
        return CliRunner().invoke(main, ["score", *options], catch_exceptions=False)

    return run


def rows(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


MARKDOWN = """\
---
title: The reckless mayor
---
# The *reckless* mayor

The council and its **disgrace&#102;ul** [regime](http://reckless.org)
met.\r
"""
HTML = """\
<!doctype html><title>Reckless</title>
<p>The&nbsp;mayor&rsquo;s <b>reck</b>less
plan.<p>A <em>reckless
 regime</em>.
"""


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        (
            "a.md",
            MARKDOWN,
            [
                'a.md:4:8: loaded_language (0.98) "reckless"',
                'a.md:6:23: loaded_language (0.98) "disgrace&#102;ul** [regime"',
            ],
        ),
        (
            "a.html",
            HTML,
            [
                'a.html:2:30: loaded_language (0.98) "reck</b>less"',
                'a.html:3:15: loaded_language (0.98) "reckless regime"',
            ],
        ),
    ],
)
def test_lines_and_columns_are_those_of_the_file(score, name, text, lines):
    result = score({name: text}, name, "--device", "loaded_language")
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (0, lines, "")
    (row,) = rows(score({}, name, "--format", "jsonl"))
    assert row["sha256"] == text_sha256(text)
    assert row["spans"]
    for span in row["spans"]:
        assert text[span["start"] : span["end"]] == span["text"]


def test_what_is_scored_is_the_text(score):
    """The same words, whatever they are written in."""
    texts = {"a.txt": "A reckless 'plan' & more.\nSubscribe now.",
             "a.md": "# A reckless 'plan' &amp; *more*.\n\n[Subscribe](x) now.",
             "a.html": "<p>A <b>reckless</b> 'plan'\n&amp; more.<p>Subscribe&#x20;now."}  # fmt: skip
    plain, *others = rows(score(texts, *texts, "--format", "jsonl"))
    assert len(plain["spans"]) == 3
    for other in others:
        assert other["profile"] == plain["profile"]
        scores = [(span["label"], span["score"]) for span in other["spans"]]
        assert scores == [(span["label"], span["score"]) for span in plain["spans"]]


def test_folders_are_read_with_pages(score):
    files = {
        "a.html": "<p>reckless",
        "b.HTM": "reckless",
        "c.txt": "<p>reckless",
        "d.xml": "reckless",
    }
    found = score(files, ".").stdout
    assert re.findall(r"^(\S+?):1:(\d+)", found, re.M) == [("./a.html", "4"), ("./b.HTM", "1"), ("./c.txt", "4")]  # fmt: skip


def test_plain_text_is_left_alone(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(MARKDOWN.encode())
    assert read_source(str(path)) == Source(str(path), MARKDOWN)
    assert read_source(str(path)).original == MARKDOWN


def test_the_report_shows_the_text(score):
    result = score({"a.md": MARKDOWN}, "a.md", "--format", "html")
    article = re.search(r'class="article-data">(.*?)</script>', result.stdout)
    data = json.loads(article[1])
    assert data["text"] == "The reckless mayor\nThe council and its disgraceful regime met."
    words = {data["text"][row[0] : row[1]] for row in data["spans"]}
    assert words == {"reckless", "disgraceful regime"}


def test_explain_names_places_of_the_file(score, handmade_path):
    score({"a.md": MARKDOWN}, "a.md")
    result = CliRunner().invoke(main, ["explain", "a.md", "--model", str(handmade_path)])
    start = MARKDOWN.index("reckless*")
    assert result.stdout.startswith(f"a.md:{start}-{start + 8}: loaded_language (0.98)\n  reckless")


# --- block quotations -----------------------------------------------------------------------

QUOTATION = "A reckless plan.\n\n> A reckless mayor.\n> Subscribe.\n\nA reckless end.\n"


def test_block_quotations_are_somebodys_words(score):
    result = score({"a.md": QUOTATION}, "a.md")
    assert re.findall(r"^a.md:(\d+:\d+): (\w+)", result.stdout, re.M) == [
        ("1:3", "loaded_language"), ("4:3", "promotional_link"), ("6:3", "loaded_language"),
    ]  # fmt: skip
    result = score({}, "a.md", "--include-quoted")
    assert 'a.md:3:5: loaded_language (0.98, quoted) "reckless"' in result.stdout
    assert result.stdout.count("quoted)") == 1


def test_they_are_reported_where_labels_are_marked_in_speech_too(handmade_model, tmp_path, score):
    model = replace(handmade_model, schema=of_speech(handmade_model.schema))
    save_model(model, tmp_path / "speech.skops")
    result = score({"a.md": QUOTATION}, "a.md", "--model", "speech.skops")
    assert 'a.md:3:5: loaded_language (0.98) "reckless"' in result.stdout
    result = score({}, "a.md", "--model", "speech.skops", "--include-quoted")
    assert 'a.md:3:5: loaded_language (0.98, quoted) "reckless"' in result.stdout


def test_they_fail_no_build(score):
    files = {"a.html": "<blockquote>A reckless mayor</blockquote>"}
    assert score(files, "a.html", "--fail-on", "loaded_language").exit_code == 0
    quoted = score({}, "a.html", "--fail-on", "loaded_language", "--include-quoted")
    assert quoted.exit_code == 1


# --- comments -------------------------------------------------------------------------------

COMMENTED = """\
A reckless plan.

<!-- framing:ignore-start loaded_language -->

A reckless "plan".

<!-- framing:ignore-end -->

A reckless end.
"""


@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_what_stands_between_comments_is_not_reported(score, name):
    result = score({name: COMMENTED}, name)
    assert re.findall(r":(\d+:\d+): (\w+)", result.stdout) == [
        ("1:3", "loaded_language"), ("5:12", "scare_quotes"), ("9:3", "loaded_language"),
    ]  # fmt: skip
    text = COMMENTED.replace("reckless plan", "plain plan").replace("reckless end", "end")
    assert score({name: text}, name, "--fail-on", "loaded_language").exit_code == 0
    assert score({}, name, "--fail-on", "scare_quotes").exit_code == 1


def test_in_plain_text_they_are_words(score):
    assert score({"a.txt": COMMENTED}, "a.txt").stdout.count("loaded_language (") == 3


def test_comments_without_sense_are_named(score):
    """And fail nothing."""
    files = {
        "a.md": "A reckless\n<!-- framing:ignore --> reckless plan",
        "b.html": "<!-- framing:end -->",
    }
    result = score(files, "a.md", "b.html")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "framing: a.md:2: framing:ignore-start is never ended; ignoring the rest of the file",
        "framing: b.html:1: framing:ignore-end without framing:ignore-start before it",
    ]


@pytest.mark.parametrize("arguments", [(), ("--include-quoted",)])
def test_explain_has_the_spans_that_score_has(handmade_path, tmp_path, monkeypatch, arguments):
    """What is ignored, and what stands in a block quotation, has no explanation either."""
    text = f"{COMMENTED}\n> A reckless guest.\n\nHis thugs left.\n"
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(text)

    def places(command):
        words = [command, "a.md", "--model", str(handmade_path), *arguments]
        more = ["--format", "csv"] if command == "score" else []
        out = CliRunner().invoke(main, words + more).stdout
        return re.findall(r"^a\.md[:,](\d+)[-,](\d+)", out, re.MULTILINE)

    assert places("explain") == places("score")
    assert len(places("score")) == (5 if arguments else 4)


def test_a_span_that_reaches_into_a_comment_is_not_reported(score):
    text = "A reckless <!-- framing:ignore -->regime<!-- framing:end --> met."
    assert score({"a.html": text}, "a.html").stdout == ""


# --- baseline -------------------------------------------------------------------------------


def test_only_new_findings_are_reported_and_fail(score):
    known = ("--baseline", "known.jsonl")
    fail = ("--fail-on", "loaded_language")
    score({"a.md": "A reckless plan.", "b.txt": "A thug."}, ".", "-o", "known.jsonl")
    moved = {"a.md": "New.\n\nA **very** reckless plan."}
    assert score(moved, "a.md", *known, *fail).exit_code == 0
    result = score({"a.md": "A reckless plan.\n\nA reckless regime."}, "./a.md", *known, *fail)
    assert result.stdout == './a.md:3:3: loaded_language (0.98) "reckless regime"\n'
    assert result.exit_code == 1


@pytest.mark.parametrize("style", ["concise", "jsonl", "csv", "sarif", "github", "html"])
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_known_findings_are_in_no_output(score, style, name):
    score({name: 'The *reckless* "plan".'}, name, "-o", "known.jsonl")
    options = (name, "--format", style)
    assert "loaded_language (0.9" in score({}, *options[:1]).stdout
    every, new = score({}, *options), score({}, *options, "--baseline", "known.jsonl")
    assert len(new.stdout) < len(every.stdout)
    again = score({name: "Nothing."}, *options)
    assert new.stdout.count("loaded_language") == again.stdout.count("loaded_language")


def test_the_profile_is_that_of_new_findings(score):
    score({"a.txt": "A reckless plan."}, "a.txt", "-o", "known.jsonl")
    (row,) = rows(score({}, "a.txt", "--format", "jsonl", "--baseline", "known.jsonl"))
    assert (row["spans"], row["profile"]["marked_share"], row["profile"]["words"]) == ([], 0, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "known.jsonl: No such file or directory"),
        ("a.txt:1:1: hype", "known.jsonl:1: not JSON; a baseline is the output of framing score"),
    ],
)
def test_baselines_that_are_none(score, content, message):
    files = {"a.txt": "A reckless plan."} | ({"known.jsonl": content} if content else {})
    result = score(files, "a.txt", "--baseline", "known.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1


def test_a_baseline_is_not_written_over(score):
    score({"a.txt": "A reckless plan."}, "a.txt", "-o", "known.jsonl")
    before = Path("known.jsonl").read_bytes()
    result = score({}, "a.txt", "--baseline", "known.jsonl", "-o", "./known.jsonl")
    assert result.exit_code == 2
    assert "known.jsonl: is the baseline; write the output somewhere else" in result.stderr
    assert Path("known.jsonl").read_bytes() == before


# --- as a library ---------------------------------------------------------------------------


def test_nothing_to_leave_out_is_the_same_object(handmade_model):
    framing = Framing(handmade_model)
    source = Source("a.txt", "A reckless plan.")
    prediction = framing.predict(source.text)
    report = Reporter(framing, lambda found: found).report(source, prediction)
    assert report.text is source.text
    assert report.prediction is report.counted is prediction


def test_what_is_counted_is_more_than_what_is_reported(handmade_model):
    """A baseline of what was reported knows that first."""
    framing = Framing(handmade_model)
    source = Source("a.txt", "A reckless plan, a 'plan', a reckless end.")
    prediction = framing.predict(source.text)
    first, _, last = prediction

    def keep(found):
        return found.only(lambda span: span == last)

    plain = Reporter(framing, keep).report(source, prediction)
    assert (plain.prediction.spans, plain.counted) == ((last,), prediction)
    known = frozenset(fingerprints("a.txt", [(last.label, last.text)]))
    later = Reporter(framing, keep, Baseline(known)).report(source, prediction)
    assert later.prediction.spans == ()
    assert later.counted.spans == prediction.spans[:2]
    assert first.text == last.text


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_several_processes_know_the_same(score, jobs):
    """Comments, places and known findings do not depend on which process reads a file."""
    files = {"a.md": "A **reckless** plan.\n\nA *reckless* end.\n", "b.html": "<p>A <b>thugs</b>"}
    score({"a.md": "A reckless plan."}, "a.md", "-o", "known.jsonl")
    files |= {"c.md": "A plan.\n\n<!-- framing:ignore -->\n\nA reckless end."}
    result = score(files, *files, "--baseline", "known.jsonl", "--jobs", jobs)
    assert result.stdout.splitlines() == [
        'a.md:3:4: loaded_language (0.98) "reckless"',
        'b.html:1:9: loaded_language (0.98) "thugs"',
    ]
    assert result.stderr.startswith("framing: c.md:3: framing:ignore-start is never ended")
