from __future__ import annotations

import io
import os
import socket
import sys
import threading

import pytest

from framing.errors import InputError
from framing.inputs import SUFFIXES, Failure, Source, decode, find_files, read_source, read_sources


class Stdin:
    """Standard input of given bytes."""

    def __init__(self, content):
        self.buffer = io.BytesIO(content)


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
    with pytest.raises(InputError, match="pipe: not a regular file"):
        read_source(str(tmp_path / "pipe"))
    with pytest.raises(InputError, match="null: not a regular file"):
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
    found = [str(each).removeprefix(f"{folder}{os.sep}") for each in find_files(str(folder))]
    assert found == [".hidden.txt", "a/Y.TXT", "a/z.md", "a.markdown", "b.txt", "c.text"]
    assert {".txt", ".md"} <= SUFFIXES


def test_links(folder):
    """A link to a file is a file; one to a folder is not followed, so none goes in circles."""
    (folder / "a" / "up").symlink_to(folder)
    (folder / "f.txt").symlink_to(folder / "b.txt")
    (folder / "g.txt").symlink_to(folder / "gone")
    found = [str(each).removeprefix(f"{folder}{os.sep}") for each in find_files(str(folder))]
    assert "f.txt" in found
    assert "g.txt" not in found
    assert not any(name.startswith("a/up") for name in found)


def test_an_empty_folder(tmp_path):
    assert list(find_files(str(tmp_path))) == []


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
        "a\0b",
        "",
    ],
    ids=["long", "NUL", "empty"],
)
def test_names_that_no_file_has(name):
    (found,) = read_sources([name])
    assert isinstance(found, Failure)
    assert "\n" not in found.reason


def test_deep_folders(tmp_path):
    deep = tmp_path
    for number in range(60):
        deep /= str(number)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("deep")
    assert [each.text for each in read_sources([str(tmp_path)])] == ["deep"]


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
