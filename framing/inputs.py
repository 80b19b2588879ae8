"""Texts from files, folders and standard input, one at a time."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from framing.errors import InputError
from framing.markup import HTML, MARKDOWN, Markup, read_markup
from framing.prediction import Span

SUFFIXES = frozenset({".txt", ".text"}) | MARKDOWN | HTML
"""Files of a folder that are read; a file that is named is read whatever it is called."""
LISTED = 10_000
"""Entries of a folder that are put in order at a time."""
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name under which it is reported.

    Attributes
    ----------
    name : str
    text : str
        What is scored: the file as it stands, or the text of one of Markdown or HTML.
    markup : Markup, optional
        Where that text stands in its file.
    """

    name: str
    text: str
    markup: Markup | None = None

    @property
    def original(self) -> str:
        """The file as it stands."""
        return self.markup.source if self.markup else self.text

    def place(self, span: Span) -> Span:
        """Move a span of the text to where it stands in the file."""
        return self.markup.place(span) if self.markup else span

    def notes(self) -> list[str]:
        """What is wrong with the comments in the file that speak to us."""
        return [f"{self.name}:{note}" for note in self.markup.notes()] if self.markup else []


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read: one line saying what and why."""

    name: str
    reason: str


def decode(content: bytes, name: str) -> str:
    """Text of UTF-8 bytes, exactly as they stand.

    Raises
    ------
    InputError
        If they are binary or not UTF-8; says where.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{name}: UTF-16, not UTF-8; convert it first")
    if b"\0" in content[:8192]:
        raise InputError(f"{name}: a binary file, not text")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}: not UTF-8 (byte {error.start}, line {line}); convert it first"
        ) from error


def read_source(path: str) -> Source:
    """Read one file, or standard input where the path is `-`.

    Files whose names end in one of `MARKDOWN` or `HTML` are read as such.

    Raises
    ------
    InputError
        If it cannot be read or is no UTF-8 text.
    """
    if path == STDIN and sys.stdin is None:
        raise InputError("<stdin>: closed")
    if path == STDIN:
        return Source("<stdin>", decode(sys.stdin.buffer.read(), "<stdin>"))
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: not a regular file")
            content = file.read()
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{path!r}: {error}") from error
    text = decode(content, path)
    markup = read_markup(path, text)
    return Source(path, markup.text, markup) if markup else Source(path, text)


def read_found(found: str | Failure) -> Source | Failure:
    """Text of a file that was found, or why there is none."""
    if isinstance(found, Failure):
        return found
    try:
        return read_source(found)
    except InputError as error:
        return Failure(found, str(error))


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str


def find_files(paths: Iterable[str]) -> Iterator[str | Failure]:
    """Files under paths, folder by folder, as they are listed.

    The names of a folder are in order, `LISTED` of them at a time, so that the first file
    of a large folder comes at once and no list of all files is ever held. Links to folders
    are not followed.
    """
    for path in paths:
        pending = [_look_at(path)]
        while pending:
            found = next(pending[-1], None)
            if found is None:
                pending.pop()
            elif isinstance(found, _Folder):
                pending.append(_list(found.path))
            else:
                yield found


def _look_at(path: str) -> Iterator[str | Failure | _Folder]:
    """A path as the user named it."""
    try:
        folder = path != STDIN and Path(path).is_dir()
    except (OSError, ValueError) as error:
        yield Failure(path, f"{path:.80}: {error}")
    else:
        yield _Folder(path) if folder else path


def _list(folder: str) -> Iterator[str | Failure | _Folder]:
    """Text files and folders in a folder."""
    try:
        with os.scandir(folder) as entries:
            ended = False
            while not ended:
                part: list[os.DirEntry[str]] = []
                try:
                    part += islice(entries, LISTED)
                    ended = len(part) < LISTED
                except OSError as error:
                    ended = True
                    yield Failure(folder, f"{folder}: {error.strerror or error}")
                if ended:
                    entries.close()  # however deep the folders, few are open at once
                part.sort(key=lambda entry: entry.name)
                yield from filter(None, map(_kind, part))
    except OSError as error:
        yield Failure(folder, f"{folder}: {error.strerror or error}")


def _kind(entry: os.DirEntry[str]) -> str | Failure | _Folder | None:
    """What an entry is; None for what is not read."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return _Folder(entry.path)
        suffix = os.path.splitext(entry.name)[1]  # noqa: PTH122 - of a million names
        if suffix.lower() in SUFFIXES and entry.is_file():
            return entry.path
    except OSError as error:
        return Failure(entry.path, f"{entry.path}: {error.strerror or error}")
    return None
