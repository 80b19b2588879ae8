"""Which format a file or folder is in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from framing.errors import AnnotationError
from framing.formats import files
from framing.formats.doccano import SPAN_KEYS

_BY_SUFFIX = {".ann": "brat", ".labels": "ptc"}


def guess_format(path: Path) -> str:
    """Name of the format that a path is in, by its files and their first record.

    Raises
    ------
    AnnotationError
        If it cannot be told; names the path.
    """
    if not path.exists():
        raise AnnotationError(f"{path}: no such file or folder")
    found = _of_folder(path) if path.is_dir() else _of_file(path)
    if found is None:
        raise AnnotationError(f"{path}: cannot tell the format; name it")
    return found


def _of_folder(path: Path) -> str | None:
    inside = {file.suffix for file in path.rglob("*")}
    for suffix, name in (*_BY_SUFFIX.items(), (".jsonl", "jsonl")):
        if suffix in inside:
            return name
    return None


def _of_file(path: Path) -> str | None:
    if path.suffix in _BY_SUFFIX:
        return _BY_SUFFIX[path.suffix]
    if path.suffix == ".txt" and path.with_suffix(".ann").is_file():
        return "brat"
    first = _first_record(files.read_text(path).removeprefix(files.BOM))
    return _of_record(first) if isinstance(first, dict) else None


def _first_record(content: str) -> Any:
    """First record of a JSON list or of JSON Lines; None where there is none."""
    try:
        data, _ = json.JSONDecoder().raw_decode(content.lstrip())
    except (ValueError, RecursionError):
        return None
    return next(iter(data), None) if isinstance(data, list) else data


def _of_record(record: dict[str, Any]) -> str | None:
    if "data" in record and ("annotations" in record or "completions" in record):
        return "label-studio"
    if "spans" in record or "sha256" in record or "answer" in record:
        return "jsonl"
    if any(key in record for key in SPAN_KEYS):
        return "doccano"
    return "jsonl" if "text" in record else None
