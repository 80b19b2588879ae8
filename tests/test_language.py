"""Whether a text reads like English: it fires on other languages, and hardly ever on English."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from conftest import ARTICLES, TEXTS
from hypothesis import given

from framing.annotations import read_annotations
from framing.language import LEAST_WORDS, NAMED, Foreign, reads_like_english

FILE = Path(__file__).parent / "data" / "languages.toml"
OTHERS = tomllib.loads(FILE.read_text(encoding="utf-8"))
ENGLISH = (
    "The council of Old Bridge voted on Monday night to close the indoor pool after three hours of "
    "debate. The mayor said that repairs would cost more than a new pool. Residents who had "
    "collected two thousand signatures left before the end of the meeting. There will be a public "
    "hearing in March, and until then it stays open on three days a week, according to the clerk."
)


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_noticed(language):
    assert not reads_like_english(OTHERS[language])
    assert not reads_like_english("\ufeff" + OTHERS[language].upper())


def test_english_passes():
    assert reads_like_english(ENGLISH)
    assert reads_like_english(ENGLISH.upper())
    assert reads_like_english(ENGLISH + OTHERS["Russian"][:90])


@pytest.mark.parametrize("language", OTHERS)
def test_too_little_text_is_not_judged(language):
    words = OTHERS[language].split()[: LEAST_WORDS - 1]
    assert reads_like_english(" ".join(words)[:90])
    assert reads_like_english("")


@given(TEXTS)
def test_any_text_is_judged(text):
    assert reads_like_english(text) in (True, False)


def test_no_article_of_the_corpus_is_taken_for_another_language():
    documents, _ = read_annotations([ARTICLES])
    assert len(documents) > 150
    assert [each.id for each in documents if not reads_like_english(each.text)] == []


def test_no_real_article_is_taken_for_another_language():
    folder = os.environ.get("FRAMING_TEXTS")
    if not folder:
        pytest.skip("FRAMING_TEXTS is not set")
    paths = sorted(Path(folder).rglob("*.txt"))
    assert len(paths) > 500
    wrong = [p.name for p in paths if not reads_like_english(p.read_bytes().decode())]
    assert wrong == []


def test_only_so_many_are_named():
    found = Foreign()
    for number in range(NAMED + 7):
        found.note(f"{number}.txt")
    lines = list(found.warnings())
    assert lines[0] == "0.txt: does not read like English; marks mean little"
    assert lines[NAMED:] == ["7 more texts do not read like English"]
    assert list(Foreign().warnings()) == []


def test_the_command_warns_and_goes_on(command, handmade_path, tmp_path):
    (tmp_path / "a.txt").write_text(OTHERS["German"], encoding="utf-8")
    (tmp_path / "b.txt").write_text(f"{ENGLISH} The reckless mayor left.", encoding="utf-8")
    done = command("score", tmp_path, "--model", handmade_path)
    assert done.returncode == 0
    warning = f"framing: {tmp_path / 'a.txt'}: does not read like English; marks mean little\n"
    assert done.stderr.decode() == warning
    assert done.stdout.decode().count("\n") == 1
    assert b"English" not in done.stdout
