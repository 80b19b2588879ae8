"""The journal beside an output: who writes it, and what of it is done.

Its first line says how the run was asked for. Each further line stands for texts that are
wholly in the output: how many bytes that then had, whether `--fail-on` had been met, and a
hash of each text's name. What stands behind the last of these lines is dropped, so that a
run may be cut off anywhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from framing.errors import InputError

HASH = 8
"""Bytes of a name's hash. Among ten million names, two are alike once in 400,000 runs."""


class Done:
    """Names of texts that are done, nine bytes each.

    Parameters
    ----------
    hashes : bytes
        Of the names, one after the other; a name that is done twice stands there twice.
    """

    def __init__(self, hashes: bytes = b"") -> None:
        self._sorted = np.frombuffer(hashes, "<u8").copy()
        self._sorted.sort()
        self._taken = np.zeros(len(self._sorted), bool)

    def __len__(self) -> int:
        return len(self._sorted)

    def take(self, name: str) -> bool:
        """Whether a text is done; as often as it is."""
        if not len(self):
            return False
        wanted = np.frombuffer(name_hash(name), "<u8")[0]
        place = int(np.searchsorted(self._sorted, wanted))
        while place < len(self) and self._sorted[place] == wanted:
            if not self._taken[place]:
                self._taken[place] = True
                return True
            place += 1
        return False


def name_hash(name: str) -> bytes:
    """Short hash of a name."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=HASH).digest()


class Journal:
    """An open journal, locked for as long as it is.

    Parameters
    ----------
    path, partial : Path
        Of the journal, and of the output while it is being written.
    descriptor : int
        Of the journal.

    Attributes
    ----------
    about : dict or None
        How the run was asked for; None for a new journal.
    size : int
        Bytes of the output that count.
    met : bool
    done : Done
    """

    def __init__(self, path: Path, partial: Path, descriptor: int) -> None:
        self.path, self.partial = path, partial
        self._descriptor = descriptor
        self.about: dict[str, Any] | None = None
        self.size, self.met, self.done = 0, False, Done()
        self._texts = 0
        self._read()

    @property
    def texts(self) -> int:
        """Texts that are done, in this run and before it."""
        return len(self.done) + self._texts

    def start(self, about: Mapping[str, Any]) -> None:
        """Forget all, for a new run."""
        os.ftruncate(self._descriptor, 0)
        self.size, self.met, self.done = 0, False, Done()
        self.about = dict(about)
        self._write(self.about)

    def note(self, names: Sequence[str], *, met: bool) -> None:
        """Say that the output is whole as it stands, with these texts as its last."""
        size = self.partial.stat().st_size
        self._write([size, met, b"".join(map(name_hash, names)).hex()])
        self.size, self.met = size, met
        self._texts += len(names)

    def _write(self, line: Any) -> None:
        data = json.dumps(line).encode() + b"\n"
        while data:
            data = data[os.write(self._descriptor, data) :]

    def _read(self) -> None:
        """Take in the lines that are whole and speak of what is in the output."""
        there = self.partial.stat().st_size if self.partial.is_file() else 0
        hashes, read = bytearray(), 0
        with open(self._descriptor, "rb", closefd=False) as file:
            for line in file:
                try:
                    if self.about is None:
                        self.about = dict(json.loads(line))
                    else:
                        size, met, names = json.loads(line)
                        if size > there or not line.endswith(b"\n"):
                            break
                        hashes += bytes.fromhex(names)
                        self.size, self.met = size, met
                except (ValueError, TypeError):
                    break
                read += len(line)
        self.done = Done(bytes(hashes))
        os.ftruncate(self._descriptor, read)
        os.lseek(self._descriptor, 0, os.SEEK_END)


@contextmanager
def open_journal(place: Path) -> Iterator[Journal]:
    """Lock an output and open its journal; one that is of no use is taken away at the end.

    Parameters
    ----------
    place : Path
        Where the output will stand.

    Raises
    ------
    InputError
        If another run is writing it.
    """
    path = place.with_name(f"{place.name}.journal")
    descriptor = _lock(path, place)
    try:
        yield Journal(path, place.with_name(f"{place.name}.partial"), descriptor)
    finally:
        os.close(descriptor)


def _lock(path: Path, place: Path) -> int:
    """Open a journal that nobody else has open; the system unlocks it however a run ends."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise InputError(f"{place}: another run is writing it") from None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the run that had it has just ended and taken it away
