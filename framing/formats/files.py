"""Files of other tools: decoding, lines, JSON, and document ids as file names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from framing.annotations import AnnotatedDocument, parse_json
from framing.errors import AnnotationError

BOM = "\ufeff"
_UNSAFE = re.compile(r'[%/\\:*?"<>|]')


def read_text(path: Path) -> str:
    """Text of a UTF-8 file exactly as decoded: line breaks and a byte order mark stay.

    Raises
    ------
    AnnotationError
        If the file cannot be read or is no UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise AnnotationError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: no UTF-8 ({error.reason}); save it as UTF-8") from error


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Lines that are not blank, each with its place; a byte order mark is skipped."""
    for number, line in enumerate(read_text(path).removeprefix(BOM).split("\n"), 1):
        if line.strip():
            yield line.removesuffix("\r"), f"{path}:{number}"


def read_json_lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Objects of a JSON Lines file, each with its place."""
    for line, where in read_lines(path):
        data = parse_json(line, where)
        if not isinstance(data, dict):
            raise AnnotationError(f"{where}: a record is an object, not {type(data).__name__}")
        yield data, where


def read_json(path: Path) -> Any:
    """Content of a JSON file; a byte order mark is skipped."""
    return parse_json(read_text(path).removeprefix(BOM), str(path))


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 without touching line breaks; the folder is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8"))


def text_of(document: AnnotatedDocument) -> str:
    """Text of a document that is to be written.

    Raises
    ------
    AnnotationError
        If the text is kept elsewhere and was not found.
    """
    if document.text is None:
        raise AnnotationError(
            f"document {document.id}: no text, only its hash; say where the texts are"
        )
    return document.text


def check_label(label: str, document: AnnotatedDocument, kind: str, *, allowed: str = "") -> str:
    """Label without white space, for formats that part their columns by it.

    Raises
    ------
    AnnotationError
        If the label is empty or has white space that is not allowed.
    """
    if not label or any(mark.isspace() and mark not in allowed for mark in label):
        raise AnnotationError(
            f"document {document.id}: {kind} cannot hold the label {label!r}, "
            "empty or with white space; rename it"
        )
    return label


# --- ids as file names --------------------------------------------------------------------


def file_names(documents: Sequence[AnnotatedDocument]) -> list[str]:
    """File name of each document: its id, with what no file name may hold as `%2F`.

    Raises
    ------
    AnnotationError
        If two documents would have the same name.
    """
    names = [_file_name(document.id) for document in documents]
    seen = set()
    for name, document in zip(names, documents, strict=True):
        if name in seen:
            raise AnnotationError(
                f"document {document.id}: two documents have this id; a file each needs its own"
            )
        seen.add(name)
    return names


def _file_name(identity: str) -> str:
    return "".join(
        quote(mark, safe="") if _UNSAFE.match(mark) or not mark.isprintable() else mark
        for mark in identity
    )


def file_id(name: str) -> str:
    """Document id of a file name; undoes what `file_names` does."""
    return unquote(name)
