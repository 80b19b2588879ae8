from __future__ import annotations

import io
import subprocess
import sys

import pytest
from conftest import ROOT

from framing import lots
from framing.errors import ModelError
from framing.filters import Filter
from framing.inputs import Failure, Source
from framing.lots import Scorer, make_lots
from framing.output import DEFAULTS
from framing.workers import Recipe


def never(_):
    return False


@pytest.fixture
def files(tmp_path):
    """Files of 0, 10, ... 90 bytes."""
    made = [tmp_path / f"{number}.txt" for number in range(10)]
    for number, path in enumerate(made):
        path.write_text("It fell.\n\n" * number)
    return list(map(str, made))


@pytest.mark.parametrize(
    ("files_each", "bytes_each", "sizes"),
    [
        (64, 1 << 20, [10]), (4, 1 << 20, [4, 4, 2]), (1, 1 << 20, [1] * 10),
        (64, 100, [5, 2, 2, 1]), (64, 0, [1] * 10),
    ],
)  # fmt: skip
def test_lots_are_of_few_files_and_bytes(files, monkeypatch, files_each, bytes_each, sizes):
    monkeypatch.setattr(lots, "FILES", files_each)
    monkeypatch.setattr(lots, "BYTES", bytes_each)
    found = list(make_lots(files, never))
    assert [len(lot) for lot in found] == sizes
    assert [path for lot in found for path in lot] == files


def test_lots_are_made_as_files_are_found(files, monkeypatch):
    monkeypatch.setattr(lots, "FILES", 2)
    source = iter(files)
    assert next(make_lots(source, never)) == files[:2]
    assert next(source) == files[2]


def test_what_is_done_is_left_out(files):
    (found,) = make_lots([*files, Failure("a", "a: gone")], set(files[2:]).__contains__)
    assert found == [*files[:2], Failure("a", "a: gone")]


def test_standard_input_is_read_here(monkeypatch):
    stdin = type("Stdin", (), {"buffer": io.BytesIO(b"It fell.")})
    monkeypatch.setattr(sys, "stdin", stdin)
    assert list(make_lots(["-", "none.txt"], never)) == [
        [Source("<stdin>", "It fell."), "none.txt"]
    ]


def test_a_lot(handmade, files):
    chosen = Filter(frozenset({"editorializing"}), fail_on={"loaded_language": 0.5})
    scorer = Scorer(handmade, chosen, "csv", DEFAULTS)
    lot = [
        files[0],
        "none.txt",
        Source("b", "The reckless thugs. It lays bare."),
        Failure("c", "c: x"),
    ]
    found = scorer(lot)
    assert found.names == (files[0], "b")
    assert found.failures == ("none.txt: No such file or directory", "c: x")
    assert found.packed.startswith("b,23,32,1,24,editorializing,")
    assert found.packed.count("\n") == 1
    assert found.met
    assert not scorer([files[1]]).met


# --- workers --------------------------------------------------------------------------------


def test_a_model_that_has_changed_is_noticed(handmade_path):
    recipe = Recipe(str(handmade_path), "0" * 64, False, Filter(), "csv", DEFAULTS)
    with pytest.raises(ModelError, match=r"handmade\.skops: has changed since the run began"):
        recipe.make()


def test_workers_keep_to_one_thread():
    code = (
        "from framing import workers; import sys; assert 'numpy' not in sys.modules;"
        "workers._begin(); import numpy, threadpoolctl;"
        "print({each['num_threads'] for each in threadpoolctl.threadpool_info()})"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert (found.stdout, found.stderr) == ("{1}\n", "")
