from __future__ import annotations

import io
import os
import shutil
import socket
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from framing import inputs
from framing.errors import InputError
from framing.inputs import SUFFIXES, Failure, Source, decode, find_files, read_found, read_source


class Stdin:
    """Standard input of given bytes."""

    def __init__(self, content):
        self.buffer = io.BytesIO(content)


def read_sources(paths):
    return map(read_found, find_files(paths))


# --- bytes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "plain", "\ufeffmark", "a\r\nb\rc\n", "é😀\u2028\u0301", "end\n\n", "\x7f\x1b[31m"]
)
def test_text_is_taken_as_it_stands(text):
    assert decode(text.encode(), "a.txt") == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfea\0", "a.txt: UTF-16, not UTF-8; convert it first"),
        (b"\xfe\xff\0a", "a.txt: UTF-16, not UTF-8; convert it first"),
        (b"a\0b", "a.txt: a binary file, not text"),
        (b"\x89PNG\r\n\0", "a.txt: a binary file, not text"),
        (b"caf\xe9", "a.txt: not UTF-8 (byte 3, line 1); convert it first"),
        (b"a\nb\nca\xe9\n", "a.txt: not UTF-8 (byte 6, line 3); convert it first"),
        (b"\xed\xa0\x80", "a.txt: not UTF-8 (byte 0, line 1); convert it first"),
        (b"\xf0\x9f", "a.txt: not UTF-8 (byte 0, line 1); convert it first"),
    ],
)
def test_what_is_no_text_is_named(content, message):
    with pytest.raises(InputError) as caught:
        decode(content, "a.txt")
    assert str(caught.value) == message


# --- one file -----------------------------------------------------------------------------


def test_a_file(tmp_path):
    path = tmp_path / "whatever.dat"
    path.write_bytes(b"a\r\n\xc3\xa9")
    assert read_source(str(path)) == Source(str(path), "a\r\né")


def test_an_empty_file(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    assert read_source(str(path)).text == ""


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Stdin(b"caf\xc3\xa9\r\n"))
    assert read_source("-") == Source("<stdin>", "café\r\n")
    monkeypatch.setattr(sys, "stdin", Stdin(b"caf\xe9"))
    with pytest.raises(InputError, match=r"<stdin>: not UTF-8 \(byte 3, line 1\)"):
        read_source("-")


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: No such file or directory"):
        read_source(str(tmp_path / "none.txt"))
    (tmp_path / "a").touch()
    with pytest.raises(InputError, match="Not a directory"):
        read_source(str(tmp_path / "a" / "b"))


def test_pipes_and_sockets_are_no_files(tmp_path):
    """And nothing waits for them."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"^[^:]*pipe: not a regular file$"):
        read_source(str(tmp_path / "pipe"))
    with pytest.raises(InputError, match=r"^/dev/null: not a regular file$"):
        read_source("/dev/null")
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(tmp_path / "s"))
        with pytest.raises(InputError, match="s: "):
            read_source(str(tmp_path / "s"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    (tmp_path / "a.txt").touch(0)
    with pytest.raises(InputError, match="Permission denied"):
        read_source(str(tmp_path / "a.txt"))


# --- folders ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for name in (
        "b.txt",
        "a/z.md",
        "a/Y.TXT",
        "c.text",
        "a.markdown",
        "d.json",
        "e",
        ".hidden.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_folders_are_read_by_name(folder):
    found = [str(each).removeprefix(f"{folder}{os.sep}") for each in find_files([str(folder)])]
    assert found == [".hidden.txt", "a/Y.TXT", "a/z.md", "a.markdown", "b.txt", "c.text"]
    assert {".txt", ".md"} <= SUFFIXES


def test_links(folder):
    """A link to a file is a file; one to a folder is not followed, so none goes in circles."""
    (folder / "a" / "up").symlink_to(folder)
    (folder / "f.txt").symlink_to(folder / "b.txt")
    (folder / "g.txt").symlink_to(folder / "gone")
    found = [str(each).removeprefix(f"{folder}{os.sep}") for each in find_files([str(folder)])]
    assert "f.txt" in found
    assert "g.txt" not in found
    assert not any(name.startswith("a/up") for name in found)


@pytest.mark.parametrize("listed", [1, 2, 3, 100])
def test_large_folders_are_listed_a_few_at_a_time(folder, monkeypatch, listed):
    """Every file comes once, and no more than a few before the first."""
    whole = sorted(find_files([str(folder)]))
    monkeypatch.setattr(inputs, "LISTED", listed)
    assert sorted(find_files([str(folder)])) == whole


class Counted:
    """A folder of many files, which counts how many were listed."""

    def __init__(self, folder, total):
        self.listed = 0
        self.entries = (self.entry(folder, number) for number in range(total))
        self.next = self.entries.__next__
        self.close = self.entries.close

    def entry(self, folder, number):
        self.listed += 1
        name = f"{number:07}.txt"
        return SimpleNamespace(
            name=name,
            path=f"{folder}/{name}",
            is_dir=lambda **_: False,
            is_file=lambda: True,
        )

    def __iter__(self):
        return self

    def __next__(self):
        return self.next()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def test_the_first_of_many_files_comes_at_once(tmp_path, monkeypatch):
    many = Counted(tmp_path, 35_000)
    monkeypatch.setattr(os, "scandir", lambda _: many)
    found = find_files([str(tmp_path)])
    assert next(found).endswith("0000000.txt")
    assert many.listed == inputs.LISTED
    assert sum(1 for _ in found) == 34_999


def test_a_folder_that_goes_while_it_is_listed(tmp_path, monkeypatch):
    """What was listed before is found; the fault is named; the rest is read."""
    many = Counted(tmp_path, 5)
    calls = iter(range(9))

    def fail_late():
        if next(calls) == 3:
            raise FileNotFoundError(2, "No such file or directory")
        return next(many.entries)

    many.next = fail_late
    monkeypatch.setattr(os, "scandir", lambda _: many)
    monkeypatch.setattr(inputs, "LISTED", 2)
    first, second, failure, third = find_files([str(tmp_path)])
    assert [first, second, third] == [f"{tmp_path}/{number:07}.txt" for number in range(3)]
    assert failure == Failure(str(tmp_path), f"{tmp_path}: No such file or directory")


def test_a_folder_that_goes_while_it_is_walked(folder):
    """It was there when its own folder was listed."""
    found = find_files([str(folder)])
    assert next(found).endswith(".hidden.txt")
    shutil.rmtree(folder / "a")
    rest = list(found)
    assert rest[0] == Failure(f"{folder}/a", f"{folder}/a: No such file or directory")
    assert [each.rsplit("/", 1)[1] for each in rest[1:]] == ["a.markdown", "b.txt", "c.text"]


def test_a_file_that_goes_before_it_is_read(folder):
    found = list(find_files([str(folder)]))
    (folder / "b.txt").unlink()
    read = list(map(read_found, found))
    (failure,) = (each for each in read if isinstance(each, Failure))
    assert failure.reason == f"{folder}/b.txt: No such file or directory"
    assert len(read) == 6


def test_links_that_go_in_circles_and_what_is_no_file(folder):
    """None of them makes the walk hang."""
    (folder / "x.txt").symlink_to(folder / "x.txt")
    (folder / "y.txt").symlink_to(folder / "a")
    (folder / "n.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "p.txt")
    found = list(find_files([str(folder)]))
    names = [each.rsplit("/", 1)[1] for each in found if isinstance(each, str)]
    assert names == [".hidden.txt", "Y.TXT", "z.md", "a.markdown", "b.txt", "c.text"]


def test_an_empty_folder(tmp_path):
    assert list(find_files([str(tmp_path)])) == []


def test_one_bad_file_never_stops_the_rest(folder):
    (folder / "a" / "z.md").write_bytes(b"\xff")
    found = list(read_sources([str(folder / "none"), str(folder), str(folder / "d.json")]))
    failures = [each for each in found if isinstance(each, Failure)]
    assert [each.name for each in failures] == [str(folder / "none"), str(folder / "a" / "z.md")]
    assert all(each.reason.startswith(each.name) for each in failures)
    assert [each.text for each in found if isinstance(each, Source)] == [
        ".hidden.txt", "a/Y.TXT", "a.markdown", "b.txt", "c.text", "d.json",
    ]  # fmt: skip


def test_a_file_that_is_named_is_read_whatever_it_is_called(folder):
    (found,) = read_sources([str(folder / "e")])
    assert found.text == "e"


def test_sources_come_one_at_a_time(folder):
    """Nothing is opened before it is asked for."""
    found = read_sources([str(folder / "b.txt"), str(folder / "c.text")])
    assert next(found).text == "b.txt"
    (folder / "c.text").write_text("changed")
    assert next(found).text == "changed"


@pytest.mark.parametrize(
    "name",
    [
        "x" * 5000,
        "y/" * 5000,
        "a\0b",
        "",
    ],
    ids=["long", "deep", "NUL", "empty"],
)
def test_names_that_no_file_has(name):
    (found,) = read_sources([name])
    assert isinstance(found, Failure)
    assert "\n" not in found.reason


def test_deep_folders(tmp_path):
    """However deep, few folders are open at once."""
    deep = tmp_path
    for _ in range(150):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("deep")
    opened = len(list(Path("/proc/self/fd").iterdir()))
    found = find_files([str(tmp_path)])
    assert next(found) == str(deep / "a.txt")
    assert len(list(Path("/proc/self/fd").iterdir())) < opened + 5


def test_standard_input_may_stand_among_paths(folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Stdin(b"piped"))
    names = [each.name for each in read_sources([str(folder / "e"), "-", str(folder / "d.json")])]
    assert names == [str(folder / "e"), "<stdin>", str(folder / "d.json")]


def test_a_growing_pipe_on_standard_input_is_read_to_its_end(monkeypatch):
    read, write = os.pipe()

    def feed():
        with os.fdopen(write, "wb") as stream:
            for _ in range(50):
                stream.write(b"line\n" * 1000)

    thread = threading.Thread(target=feed)
    thread.start()
    with os.fdopen(read, "r") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert len(read_source("-").text) == 250_000
    thread.join()
