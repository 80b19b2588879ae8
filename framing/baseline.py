"""Findings of an earlier run, so that only new ones are reported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import InputError
from framing.output.sarif import artifact, fingerprints
from framing.prediction import Span

VERSION = 1
"""Of the lines that are read: `framing.output.jsonl.VERSION`."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known findings.

    A finding is known by its file, device and words, and by which of those with the same
    words it is; so it stays known when other words move it. Paths are compared relative
    to the current folder.

    Attributes
    ----------
    known : frozenset of str
        Fingerprints, as in the SARIF output.
    """

    known: frozenset[str]

    def digest(self) -> str:
        """Hash of what is known."""
        return hashlib.sha256("".join(sorted(self.known)).encode()).hexdigest()

    def new(self, name: str, spans: Iterable[Span]) -> list[bool]:
        """For each span of a file, in text order, whether it is not known."""
        pairs = ((span.label, span.text) for span in spans)
        return [mark not in self.known for mark in _marks(name, pairs)]


def read_baseline(path: Path) -> Baseline:
    """Read what `framing score --format jsonl` wrote.

    Raises
    ------
    InputError
        If the file cannot be read or is something else; names the line.
    """
    known: set[str] = set()
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    name, pairs = _findings(line, f"{path}:{number}")
                    known.update(_marks(name, pairs))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    return Baseline(frozenset(known))


def _marks(name: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return fingerprints(artifact(name, Path.cwd())["uri"], pairs)


def _findings(line: bytes, place: str) -> tuple[str, list[tuple[str, str]]]:
    """Path of a scored document; label and words of each of its spans."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{place}: not JSON; a baseline is the output of framing score --format jsonl"
        ) from error
    if not isinstance(row, dict) or not {"version", "path", "spans"} <= row.keys():
        raise InputError(f"{place}: not a line of framing score --format jsonl")
    if row["version"] != VERSION:
        raise InputError(f"{place}: version {row['version']!r:.20}, not {VERSION}; write it again")
    if not isinstance(row["path"], str) or not _are_spans(row["spans"]):
        raise InputError(f"{place}: path or spans are not as framing score writes them")
    return row["path"], [(span["label"], span["text"]) for span in row["spans"]]


def _are_spans(found: Any) -> bool:
    return isinstance(found, list) and all(
        isinstance(span, dict)
        and isinstance(span.get("label"), str)
        and isinstance(span.get("text"), str)
        for span in found
    )
