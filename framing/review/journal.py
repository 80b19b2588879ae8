"""The journal: a file to which every decision is added, one JSON line each, at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from framing.errors import AnnotationError

FORMAT = "framing review 1"
"""First line of every journal, as the value of `format`."""


class Journal:
    """An append-only file of JSON lines.

    Parameters
    ----------
    path : Path
        Made when the first line is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole = 0  # bytes up to the end of the last whole line

    def read(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Place and content of each line; half a line at the end, cut off by a kill, is left out.

        Raises
        ------
        AnnotationError
            If the file cannot be read or is no journal; names file and line.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise AnnotationError(f"{self.path}: {error.strerror or error}") from error
        self._whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[: self._whole].split(b"\n")[:-1], 1):
            where = f"{self.path}:{number}"
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise AnnotationError(f"{where}: no JSON: {error}") from error
            if not isinstance(entry, dict) or (number == 1 and entry.get("format") != FORMAT):
                raise AnnotationError(f"{where}: not a journal of framing review")
            if number > 1:
                yield where, entry

    def add(self, entries: Iterable[dict[str, Any]]) -> None:
        """Add lines and wait until they are on disk; all of them, or none.

        Raises
        ------
        OSError
            If they cannot be written.
        """
        lines = [*([] if self._whole else [{"format": FORMAT}]), *entries]
        data = "".join(json.dumps(line) + "\n" for line in lines).encode("ascii")
        with self.path.open("ab", buffering=0) as file:
            file.truncate(self._whole)
            try:
                rest = data
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(self._whole)
                raise
        if not self._whole:
            sync_folder(self.path.parent)
        self._whole += len(data)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
