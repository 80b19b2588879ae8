"""Training inside a set, fold by fold, on invented documents."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.fitting import KINDS, Settings
from framing.lexical import Vectors
from framing.schema import Label, Schema
from training.benchmarks import folds
from training.benchmarks.folds import cross_validate, deciding, found_spans
from training.benchmarks.inside import inside, protocols
from training.benchmarks.sets import Benchmark, Row

COLOURS = ("red", "green", "blue")
NO_VECTORS = Vectors({}, np.zeros((0, 2), np.int8))
QUICK = Settings(folds=2, jobs=1, least_count=1, penalties=(0.5,))
SPEECH = Schema((Label("coloured", "of a colour", "clause", speech=True),))
SCHEMA = Schema((Label("coloured", "of a colour", "clause"), Label("colour", "colours", "phrase")))


def coloured(number):
    """A document of two lines; the first names a colour, where its number is even."""
    word = COLOURS[number % 3] if number % 2 == 0 else ("tall", "old")[number // 4 % 2]
    first = f"The {word} door of house {number} fell."
    text = f"{first}\nIt was late."
    marks = []
    if number % 2 == 0:
        marks = [Mark(0, len(first), "coloured"), Mark(4, 4 + len(word), "colour")]
    return AnnotatedDocument(
        f"d{number}", text, tuple(marks), {"group": f"g{number // 2}"}, text_hash(text), len(text)
    )


def lines_of(documents):
    for at, document in enumerate(documents):
        end = document.text.index("\n")
        yield Row(at, 0, end, bool(document.marks))
        yield Row(at, end + 1, document.chars, False)


DOCUMENTS = tuple(map(coloured, range(48)))
FOLD = np.arange(48) // 2 % 2
MADE = Benchmark(
    "colours", SCHEMA, DOCUMENTS, tuple(lines_of(DOCUMENTS)), "macro-F1", "0", given=FOLD
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def held(cache):
    return cross_validate(MADE, FOLD, QUICK, NO_VECTORS, cache)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_out_is_found(held, kind):
    truth = np.array([row.truth for row in MADE.rows])
    each = held[kind]
    assert (each.decided == truth).mean() > 0.9
    assert each.scores[truth].mean() > each.scores[~truth].mean() + 0.3
    assert len(each.spans) == len(each.candidates) == len(DOCUMENTS)
    for spans, candidates, document in zip(each.spans, each.candidates, DOCUMENTS, strict=True):
        assert {span[:3] for span in spans} <= {span[:3] for span in candidates}
        assert all(0 <= start < end <= document.chars for _, start, end, _ in candidates)


def test_a_finished_fold_is_not_trained_again(held, cache, monkeypatch):
    def never(*_arguments):
        pytest.fail("trained again")

    monkeypatch.setattr(folds, "lay_foundation", never)
    again = cross_validate(MADE, FOLD, QUICK, NO_VECTORS, cache)
    for kind in KINDS:
        assert (again[kind].scores == held[kind].scores).all()
        assert again[kind].spans == held[kind].spans


@pytest.mark.parametrize(
    "changed",
    [
        (replace(MADE, digest="1"), FOLD, QUICK),
        (MADE, 1 - FOLD * FOLD[::-1], QUICK),
        (MADE, FOLD, replace(QUICK, seed=1)),
        (replace(MADE, schema=SPEECH), FOLD, QUICK),
        (MADE, FOLD, replace(QUICK, start=SimpleNamespace(meta={"sha256": "0"}))),
    ],
    ids=["data", "folds", "settings", "quotations", "start"],
)
def test_another_fold_is(held, cache, monkeypatch, changed):
    class TrainedError(Exception):
        pass

    def stop(*_arguments):
        raise TrainedError

    monkeypatch.setattr(folds, "lay_foundation", stop)
    made, fold, settings = changed
    with pytest.raises(TrainedError):
        cross_validate(made, fold, settings, NO_VECTORS, cache)


def test_the_key_covers_the_features_and_not_the_command():
    names = {path.name for path in deciding("fitting")}
    assert {"stages.py", "features.py", "text.py", "words.py", "heads.py"} <= names
    assert "cli.py" not in names


def test_results_of_both_protocols(held, cache):
    assert held
    assert [name for name, _ in protocols(MADE, QUICK)] == ["given folds", "folds by article"]
    for _, fold in protocols(replace(MADE, given=None), QUICK):
        by_group = {}
        for document, number in zip(DOCUMENTS, fold.tolist(), strict=True):
            by_group.setdefault(document.group, set()).add(number)
        assert all(len(numbers) == 1 for numbers in by_group.values())
    found = inside(MADE, QUICK, NO_VECTORS, cache, lambda line: None)
    given = [each for each in found if each.protocol == "given folds"]
    assert [(each.model, each.score) for each in given] == [
        (model, score) for model in ("plain", *KINDS) for score in ("macro-F1", "F1", "AUC")
    ]
    assert all(each.low <= each.value <= each.high and each.n == 96 for each in found)


def test_spans_of_texts_in_their_order(handmade_model):
    texts = ["A calm day.", "What a disgraceful regime."] * 40
    reported, possible = found_spans(handmade_model, texts)
    assert reported[::2] == [[]] * 40
    words = {texts[1][start:end] for spans in reported for _, start, end, _ in spans}
    assert "disgraceful regime" in words
    assert all(
        {s[:3] for s in a} <= {s[:3] for s in b} for a, b in zip(reported, possible, strict=True)
    )
