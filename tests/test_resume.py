from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import InputError
from framing.resume import HASH, Done, name_hash, open_journal

NAMES = st.lists(st.text(max_size=3), max_size=20)


# --- names --------------------------------------------------------------------------------


@given(done=NAMES, asked=NAMES)
def test_a_name_is_done_as_often_as_it_is(done, asked):
    known = Done(b"".join(map(name_hash, done)))
    left = list(done)
    for name in asked:
        assert known.take(name) is (name in left)
        if name in left:
            left.remove(name)


def test_hashes_are_short_and_take_any_name():
    assert len({name_hash(name) for name in ("", "a", "b", "\udcff", "é")}) == 5
    assert len(name_hash("a" * 10_000)) == HASH == 8


# --- journal ------------------------------------------------------------------------------

ABOUT = {"format": "jsonl", "model": "ab"}


@pytest.fixture
def output(tmp_path):
    """A file of which two lines of six bytes are done, by two texts and by one."""
    place = tmp_path / "out"
    with open_journal(place) as journal:
        journal.start(ABOUT)
        for number, names in enumerate((["a", "b"], ["c"])):
            with journal.partial.open("ab") as file:
                file.write(b"line %d" % number)
            journal.note(names, met=number == 1)
        assert journal.texts == 3
    return place


def reread(place):
    with open_journal(place) as journal:
        return journal


def journal_of(place):
    return place.with_name("out.journal")


def test_what_is_done_is_read_back(output):
    journal = reread(output)
    assert journal.about == ABOUT
    assert (journal.size, journal.met, journal.texts) == (12, True, 3)
    assert [journal.done.take(name) for name in "abcd"] == [True, True, True, False]


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_line_is_dropped(output, cut):
    """Wherever it is torn, and whatever stands there; a line that is whole but for its end, too."""
    path = journal_of(output)
    content = path.read_bytes()
    last = len(content.splitlines(keepends=True)[-1])
    path.write_bytes(content[:-cut])
    journal = reread(output)
    expected = (6, False, 2) if cut <= last else (0, False, 0)
    assert (journal.size, journal.met, journal.texts) == expected
    assert path.read_bytes().endswith(b"\n")


def test_what_the_output_has_not_is_not_done(output):
    partial = Path(f"{output}.partial")
    os.truncate(partial, 11)
    assert (reread(output).size, reread(output).texts) == (6, 2)
    partial.unlink()
    assert (reread(output).size, reread(output).texts) == (0, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b"{", b"\xff\n", b"\0" * 99, b"3\n[1]\n"])
def test_what_is_no_journal_is_an_empty_one(tmp_path, content):
    (tmp_path / "out.journal").write_bytes(content)
    journal = reread(tmp_path / "out")
    assert (journal.size, journal.texts) == (0, 0)


def test_a_journal_is_open_once(output):
    with open_journal(output):
        with pytest.raises(InputError, match="another run is writing it"), open_journal(output):
            pass
        with pytest.raises(InputError, match="another run is writing it"), open_journal(output):
            pass
    assert reread(output).texts == 3


def test_a_new_run_forgets(output):
    with open_journal(output) as journal:
        journal.start({"format": "csv"})
        assert (journal.size, journal.texts, journal.met) == (0, 0, False)
    assert reread(output).about == {"format": "csv"}
    assert reread(output).texts == 0
