"""The benchmark measures what it says, and the page shows what it measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from framing.annotations import read_annotations
from training.speed import __main__ as command
from training.speed import contestants, growth, jobs, start, tables, timing
from training.speed.articles import Articles, n_bytes, read_articles, stream

ROOT = Path(__file__).parents[1]
TEXTS = ["Mr. Vale spoke. He left — soon.\n\nWhy?", "One line", "Ünï. “Quoted words.” End."]


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    for path in (ROOT / "docs" / "examples").glob("*.txt"):
        shutil.copy(path, folder)
    return folder


# --- articles -----------------------------------------------------------------------------


def test_sentences_are_those_of_the_reader() -> None:
    articles = Articles.of(TEXTS)
    assert articles.sentences == [
        ["Mr. Vale spoke.", "He left — soon.", "Why?"],
        ["One line"],
        ["Ünï.", "“Quoted words.”", "End."],
    ]
    assert articles.n_sentences == 7
    assert articles.megabytes == sum(len(text.encode()) for text in TEXTS) / 1e6


def test_halves_part_the_articles() -> None:
    articles = Articles.of([f"Article {n}. It ends." for n in range(11)])
    first, second = articles.halves()
    assert sorted(first.texts + second.texts) == sorted(articles.texts)
    assert (len(first.texts), len(second.texts)) == (5, 6)
    assert first.texts != articles.texts[:5]
    for half in (first, second):
        assert [" ".join(each) for each in half.sentences] == half.texts


def test_without_a_folder_the_shipped_articles_are_read() -> None:
    documents, _ = read_annotations([ROOT / "annotations" / "articles"])
    assert len(read_articles(None)) == len(documents) + 5


def test_a_folder_is_read_without_its_readme(examples) -> None:
    (examples / "README.md").write_text("About these.", encoding="utf-8")
    assert len(read_articles(examples)) == 5


@pytest.mark.parametrize("megabytes", [0.0001, 0.0005, 0.003])
def test_a_stream_has_the_size_asked_for(megabytes: float) -> None:
    texts = [letter * 100 for letter in "abc"]
    found = list(stream(texts, megabytes))
    assert len(found) == round(megabytes * 1e4)
    rounds = ["".join(sorted(each[0] for each in found[i : i + 3])) for i in range(0, 30, 3)]
    assert set(rounds[: len(found) // 3]) <= {"abc"}


def test_size_counts_lone_surrogates() -> None:
    assert n_bytes("é\ud800") == 5


# --- timing -------------------------------------------------------------------------------


def test_every_round_runs_everyone_in_turn_on_one_half() -> None:
    said: list[tuple[str, str, str]] = []

    def make(name: str) -> contestants.Contestant:
        def prepare(timed: Articles, others: Articles) -> None:
            said.append((name, timed.texts[0], others.texts[0]))

        return contestants.Contestant(name, "", lambda _: None, 2, prepare)

    halves = Articles.of(["a"]), Articles.of(["b"])
    found = timing.time_in_turns([make("x"), make("y")], halves, 2)
    assert {name: len(each) for name, each in found.items()} == {"x": 2, "y": 2}
    rounds = [said[i : i + 2] for i in (0, 2, 4)]
    assert [{timed for _, timed, _ in each} for each in rounds] == [{"b"}, {"a"}, {"b"}]
    assert all(timed != other for _, timed, other in said)
    assert [each[0][0] for each in rounds] == ["y", "x", "y"]


def test_ratios_are_taken_round_by_round() -> None:
    rounds = {"ours": [1.0, 2.0, 4.0], "theirs": [2.0, 6.0, 4.0]}
    assert timing.ratios(rounds, "ours", "theirs") == timing.Range(2.0, 1.0, 3.0)


def test_our_models_start_from_what_they_should_know(handmade) -> None:
    timed, others = Articles.of(["The regime fell."]), Articles.of(["Others spoke."])
    lexicon = handmade.model.lexicon
    known = {}
    for each in contestants.ours(handmade):
        each.prepare(timed, others)
        known[each.name.split(": ")[1]] = " The" in lexicon, " Others" in lexicon
        each.run(timed)
        assert " The" in lexicon
    assert known == {
        contestants.NEW: (False, True),
        contestants.WARM: (True, True),
        contestants.FRESH: (False, False),
    }


def test_missing_peers_are_named(monkeypatch) -> None:
    def absent(_: str) -> contestants.Contestant:
        raise ImportError("No module named 'x'")

    monkeypatch.setattr(contestants, "_PEERS", {"numpy": absent, "not-installed-at-all": absent})
    found, missing = contestants.peers()
    assert found == []
    assert missing[0].startswith("numpy left out: No module named 'x'; pip install")
    assert missing[1].startswith("not-installed-at-all left out: ")


@pytest.mark.parametrize("package", sorted(contestants._PEERS))
def test_installed_peers_run(package: str, monkeypatch) -> None:
    monkeypatch.setattr(contestants, "_PEERS", {package: contestants._PEERS[package]})
    found, missing = contestants.peers()
    if missing:
        pytest.skip(missing[0])
    found[0].run(Articles.of(TEXTS))


# --- growth, start, jobs ------------------------------------------------------------------


@pytest.mark.parametrize("shape", growth.SHAPES)
def test_shapes(shape: str) -> None:
    texts = ["One. Two.\nThree", "Four"] * 10
    found = list(growth.shaped(texts, shape, 0.0001))
    assert len(found) == (1 if shape != "articles" else len(list(stream(texts, 0.0001))))
    assert ("\n" in "".join(found)) == (shape != "line")


def test_a_watch_hands_on_the_texts_and_times_the_token_pass() -> None:
    watch = growth.Watch(["a b c " * 30_000, "é"])
    assert [len(text) for text in watch] == [180_000, 1]
    assert watch.megabytes == pytest.approx(0.180002)
    assert watch.seconds > 0


def test_growth_is_measured_in_a_process_of_its_own(examples) -> None:
    found = growth.measure("articles", 0.005, "linear", examples)
    assert found["seconds_per_megabyte"] > 0
    assert found["token_passes"] > 1
    assert 20 < found["peak_megabytes"] < 2000


def test_starts_are_timed() -> None:
    found = start._time(["-c", "print('hidden')"], ".")
    assert all(seconds > 0 for seconds in found)


def test_jobs_are_looked_for() -> None:
    assert jobs.has_jobs() in (True, False)


def test_one_job_and_two_are_timed() -> None:
    found = jobs.gain(["The council met."], 1e-4, 1)
    assert found.clock.low == found.clock.high > 0.1
    assert found.work.median > 1.2  # two more processes have started


# --- command and page ---------------------------------------------------------------------


def test_the_command_prints_a_table_and_keeps_nothing_of_a_part(examples, monkeypatch) -> None:
    monkeypatch.setattr(tables, "record", None)
    arguments = ["--texts", str(examples), "--rounds", "1", "--models", "linear", "--part", "speed"]
    result = CliRunner().invoke(command.main, arguments)
    assert result.exit_code == 0, result.output
    for name in ("token pass", "linear: new articles", "linear: same again", "linear: empty cache"):
        assert f"\n{name}" in result.stdout


def entry() -> dict[str, Any]:
    """An invented entry of the history, its numbers as wide as they get."""
    three = [12.34, 9.876, 99.94]
    names = ("token pass", "boosted: new articles", "spaCy 3.8.18 blank", "VADER 3.3.2")
    return {
        "machine": tables.machine() | {"processor": "Some Processor"},
        "articles": {"texts": 99999, "megabytes": 999.99, "sentences": 9999999},
        "rounds": 10,
        "speed": [
            {"name": name, "sentences_per_second": 999999, "megabytes_per_second": 99.99,
             "vader": three, "token_passes": three}
            for name in names
        ],
        "growth": [
            {"model": "boosted", "shape": "document", "megabytes": 1000.0,
             "seconds_per_megabyte": 12.3456, "token_passes": 123.456, "peak_megabytes": 12345.6}
        ],
        "start": [
            {"command": name, "seconds": three, "ratio": three, "limit": start.LIMITS.get(name)}
            for name in (start.UNIT, start.HELP, start.LINEAR, start.BOOSTED)
        ],
        "jobs": {"megabytes": 200.0, "gain": three, "work": three},
    }  # fmt: skip


def test_the_table_fits_a_terminal() -> None:
    lines = tables.table(entry()).split("\n")
    assert max(map(len, lines)) <= 80, max(lines, key=len)
    assert "--jobs 2 is 12.3 (9.88 to 99.9) times" in lines[-2]
    assert lines[-1] == "in 12.3 (9.88 to 99.9) times the processor seconds"


def test_a_whole_run_is_recorded(tmp_path, monkeypatch) -> None:
    page = tmp_path / "speed.md"
    page.write_text("a\n<!-- speed: begin -->\n<!-- speed: end -->\n", encoding="utf-8")
    monkeypatch.setattr(tables, "PAGE", page)
    monkeypatch.setattr(tables, "HISTORY", tmp_path / "speed.jsonl")
    monkeypatch.setattr(command, "_measure", lambda *_: entry())
    for _ in range(2):
        assert CliRunner().invoke(command.main, []).exit_code == 0
    lines = (tmp_path / "speed.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [entry()] * 2
    assert f"```text\n{tables.table(entry())}\n```" in page.read_text(encoding="utf-8")
    assert CliRunner().invoke(command.main, ["--check"]).exit_code == 0
    page.write_text(page.read_text(encoding="utf-8").replace("9", "8"), encoding="utf-8")
    assert CliRunner().invoke(command.main, ["--check"]).exit_code == 1


@pytest.fixture(autouse=True)
def same_environment(monkeypatch) -> None:
    """The command sets the number of threads; set it back."""
    for name in command._THREADS:
        monkeypatch.setenv(name, "1")


def test_the_spread_leaves_out_what_is_small_or_of_another_shape() -> None:
    rows = [
        {"shape": shape, "megabytes": size, "token_passes": cost}
        for shape, size, cost in (
            ("articles", 0.1, 99), ("articles", 1, 10), ("articles", 10, 11), ("line", 5, 99),
        )
    ]  # fmt: skip
    assert tables.spread(rows) == pytest.approx(0.1)


def test_the_page_holds_the_measured_figures() -> None:
    page = tables.PAGE.read_text(encoding="utf-8")
    assert tables.filled(page, tables.last_entry()) == page


def test_what_was_measured_keeps_within_its_limits() -> None:
    found = tables.last_entry()
    for row in found["start"]:
        assert row["limit"] is None or row["ratio"][0] <= row["limit"], row
